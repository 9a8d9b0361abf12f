import ILSStream
