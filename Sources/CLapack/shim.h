// The C boundary: CBLAS and LAPACKE as Debian's libopenblas-dev and liblapacke-dev declare them.
//
// `openblas` is linked before `lapacke` (see module.modulemap), so that LAPACKE's calls into LAPACK
// bind to OpenBLAS even on a machine where reference LAPACK is installed too.
#ifndef ROBUSTMETRIC_CLAPACK_SHIM_H
#define ROBUSTMETRIC_CLAPACK_SHIM_H

#include <dlfcn.h>

#include <cblas.h>
#include <lapacke.h>

// The GNU parts of dlfcn.h under names of our own. Defining _GNU_SOURCE here instead would change
// the types of the C library inside this module, and the compiler refuses two definitions of them.
struct clapack_symbol_info {
  const char *file;
  void *base;
  const char *symbol;
  void *address;
};
int clapack_dladdr(const void *address, struct clapack_symbol_info *info) __asm__("dladdr");

/// The file that provides the C symbol `name` in the order in which calls are bound, or NULL.
static inline const char *clapack_library_providing(const char *name) {
  struct clapack_symbol_info info;
  void *symbol = dlsym((void *)0, name);  // RTLD_DEFAULT
  return symbol && clapack_dladdr(symbol, &info) ? info.file : (const char *)0;
}

/// Ends the threads that OpenBLAS started when it was loaded; returns whether the library could.
///
/// OpenBLAS exports the routine for its own handler of fork but declares it in no installed header,
/// so it is looked up and not linked. A later call of several threads starts them again.
static inline int clapack_end_workers(void) {
  int (*shutdown)(void) = (int (*)(void))dlsym((void *)0, "blas_thread_shutdown_");
  if (!shutdown) return 0;
  shutdown();
  return 1;
}

#endif
