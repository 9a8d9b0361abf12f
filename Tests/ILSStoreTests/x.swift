import ILSStore
