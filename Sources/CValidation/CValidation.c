#include "texts.h"
#include "hashes.h"
