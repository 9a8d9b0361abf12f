import ILSRecord
