// The C boundary of zip archives: libzip (Debian: libzip-dev).
#ifndef ROBUSTMETRIC_CZIP_SHIM_H
#define ROBUSTMETRIC_CZIP_SHIM_H

#include <zip.h>

#endif
