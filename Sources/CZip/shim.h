// The C boundary of zip archives: libzip (Debian: libzip-dev).
#ifndef ROBUSTMETRIC_CZIP_SHIM_H
#define ROBUSTMETRIC_CZIP_SHIM_H

// Plain POSIX keeps out <sys/select.h>, whose fd_set another C module may declare differently.
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <zip.h>

#endif
