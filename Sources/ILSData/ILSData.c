#include "ILSData.h"

int ils_data_version(void) { return 1; }
