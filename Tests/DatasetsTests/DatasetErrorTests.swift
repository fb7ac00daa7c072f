import Testing

@testable import Datasets

/// What errors say and which exit status they stand for.
@Suite struct DatasetErrorTests {
  @Test(arguments: [
    (
      DatasetError.input(path: "a.npy", .missing), DatasetError.Kind.missing,
      "a.npy: no such file; check the path"
    ),
    (
      .input(path: "-", .failed(code: 5)), .io, "standard input: reading failed: Input/output error"
    ),
    (
      .output(path: "-", .failed(code: 28)), .io,
      "standard output: writing failed: No space left on device; free some space and run again"
    ),
    (
      .array(path: "a.npy", .objects), .badData,
      "a.npy: holds Python objects (a pickle), which are never loaded; save a plain array"
    ),
    (
      .content(path: "a.npy", .notTwoDimensional(shape: [2, 3, 4])), .badData,
      "a.npy: has shape (2, 3, 4); a matrix of two dimensions is needed"
    ),
    (
      .csv(path: "a.csv", line: 12, column: ColumnLabel(index: 4, name: "chol"), .missing("?")),
      .badData,
      "a.csv:12: column 4 (from 0, 'chol'): a value is missing ('?'); impute it or remove the row"
    ),
    (
      .catalogue(.heart, .fileMissing(file: "heart_cleveland.csv", directory: "/data")), .missing,
      "data set heart: /data holds no 'heart_cleveland.csv'; "
        + "check --data-dir or run 'robustmetric datasets fetch'"
    ),
  ])
  func errorsAreOneLineThatSaysWhatToDo(
    error: DatasetError, kind: DatasetError.Kind, text: String
  ) {
    #expect(error.description == text)
    #expect(error.kind == kind)
  }
}
