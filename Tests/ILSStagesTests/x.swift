import ILSStages
