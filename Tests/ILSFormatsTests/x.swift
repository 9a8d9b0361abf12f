import ILSFormats
