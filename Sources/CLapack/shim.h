// The C boundary: CBLAS and LAPACKE as Debian's libopenblas-dev and liblapacke-dev declare them.
//
// `openblas` is linked before `lapacke` (see module.modulemap), so that LAPACKE's calls into LAPACK
// bind to OpenBLAS even on a machine where reference LAPACK is installed too.
#ifndef ROBUSTMETRIC_CLAPACK_SHIM_H
#define ROBUSTMETRIC_CLAPACK_SHIM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>

#include <cblas.h>
#include <lapacke.h>

/// The file that provides the C symbol `name` in the order in which calls are bound, or NULL.
static inline const char *clapack_library_providing(const char *name) {
  Dl_info info;
  void *symbol = dlsym(RTLD_DEFAULT, name);
  return symbol && dladdr(symbol, &info) ? info.dli_fname : (const char *)0;
}

#endif
