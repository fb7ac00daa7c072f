internal import Foundation
public import LinAlg

/// One pair of the independent reference results of certificates.
///
/// `Fixtures/certificates.json` and `Fixtures/network-certificates.json` are made by `scripts/convert-certificate-fixtures.py`.
public struct CertificateFixture: Sendable, CustomStringConvertible {
  /// The name of the case.
  public let name: String
  private let values: [String: JSONValue]

  /// A scalar of the case.
  public func number(_ key: String) -> Double {
    guard case .number(let value)? = values[key] else { preconditionFailure("no number \(key)") }
    return value
  }

  /// A vector of the case.
  public func vector(_ key: String) -> [Double] {
    guard case .list(let list)? = values[key] else { preconditionFailure("no vector \(key)") }
    return list.map(\.asNumber)
  }

  /// A matrix of the case.
  public func matrix(_ key: String) -> Matrix<Double> {
    guard case .list(let rows)? = values[key] else { preconditionFailure("no matrix \(key)") }
    return Matrix(
      rows.map { row in
        guard case .list(let list) = row else { preconditionFailure("\(key) is no matrix") }
        return list.map(\.asNumber)
      })
  }

  /// The name of the case.
  public var description: String { name }

  /// All pairs under linear metrics, ordered by name.
  public static let all = fixtures("certificates")

  /// A pair under a network of three layers.
  public static let network = fixtures("network-certificates")[0]

  private static func fixtures(_ file: String) -> [CertificateFixture] {
    let cases: [String: [String: JSONValue]] = decoded(file)
    return cases.keys.sorted().map { CertificateFixture(name: $0, values: cases[$0] ?? [:]) }
  }

  /// The case called `name`.
  public static func named(_ name: String) -> CertificateFixture {
    guard let found = all.first(where: { $0.name == name }) else {
      preconditionFailure("no fixture \(name)")
    }
    return found
  }
}

/// A pair whose plainly evaluated bound lies below the exact maximum of D over |δ| ≤ ε.
public struct RoundingTrap: Decodable, Sendable {
  /// M, exact doubles.
  public let M: [[Double]]
  /// s, exact doubles.
  public let s: [Double]
  /// ε.
  public let eps: Double
  /// The plainly evaluated bound, too small.
  public let naive: Double
  /// The numerator of the exact maximum.
  public let exact_num: String
  /// The denominator of the exact maximum.
  public let exact_den: String

  /// All cases.
  public static let all: [RoundingTrap] = decoded("rounding-traps")
}

/// Numbers, lists and words, which is all that the fixtures hold.
private enum JSONValue: Decodable, Sendable {
  case number(Double)
  case list([JSONValue])
  case word(String)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let list = try? container.decode([JSONValue].self) {
      self = .list(list)
    } else {
      self = .word(try container.decode(String.self))
    }
  }

  var asNumber: Double {
    guard case .number(let value) = self else { preconditionFailure("not a number") }
    return value
  }
}

private func decoded<Value: Decodable>(_ name: String) -> Value {
  guard let url = Bundle.module.url(forResource: "Fixtures/" + name, withExtension: "json"),
    let data = try? Data(contentsOf: url),
    let value = try? JSONDecoder().decode(Value.self, from: data)
  else { preconditionFailure("cannot read the fixture \(name)") }
  return value
}
