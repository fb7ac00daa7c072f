/// The version of the package, as in CHANGELOG.md.
public let toolVersion = "0.1.0"
