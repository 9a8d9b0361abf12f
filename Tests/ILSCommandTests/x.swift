import ILSCommand
