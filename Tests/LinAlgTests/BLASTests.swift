import LinAlg
import Testing

@Suite struct BLASTests {
  /// The library that really provides each routine names itself, whatever was linked.
  @Test(arguments: [
    "cblas_dgemm", "cblas_sgemm", "dsyevr_", "ssyevr_", "dpotrf_", "spotrf_", "dgesdd_", "sgesdd_",
    "dgelqf_",
  ])
  func routineIsProvidedByOpenBLAS(name: String) throws {
    let path = try #require(BLAS.library(providing: name))
    #expect(path.contains("openblas"), "\(name) comes from \(path)")
  }

  @Test func openBLASNamesItself() {
    #expect(BLAS.configuration.contains("OpenBLAS"))
    #expect(!BLAS.kernel.isEmpty)
    #expect(BLAS.library(providing: "no_such_routine_") == nil)
  }

  @Test func threadCountTakesEffect() {
    #expect(BLAS.useOneThreadPerCall())
    #expect(BLAS.threadCount == 1)
  }
}
