import Certify
import LinAlg
import MetricModels
import TestSupport

/// A reference pair with its certificates prepared once, since every test wants them.
struct PreparedFixture: CustomStringConvertible {
  let fixture: CertificateFixture
  /// The certificate of W.
  let factored: MetricCertificate
  /// The certificate of M.
  let dense: MetricCertificate

  var description: String { fixture.name }

  /// Both points as one pair.
  var batch: PairBatch {
    PairBatch(points: Matrix([fixture.vector("xi"), fixture.vector("xj")]), pairs: [.init(0, 1)])
  }

  static let all: [PreparedFixture] = CertificateFixture.all.map { fixture in
    do {
      return PreparedFixture(
        fixture: fixture,
        factored: try MetricCertificate(MahalanobisMetric(transform: fixture.matrix("W"))),
        dense: try MetricCertificate(try MahalanobisMetric(matrix: fixture.matrix("M"))))
    } catch {
      preconditionFailure("\(fixture.name): \(error)")
    }
  }
}
