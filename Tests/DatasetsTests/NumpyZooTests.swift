import Foundation
import LinAlg
import Testing

@testable import Datasets

/// Files that NumPy itself wrote, and files that NumPy must be able to read.
@Suite(.enabled(if: Python.hasNumpy, "python3 with NumPy is absent"))
struct NumpyZooTests {
  /// Writes one file per type, byte order, order and shape, and prints name, shape and the exact
  /// elements as hexadecimal doubles.
  static let writer = """
    import sys, gzip, numpy as np
    folder = sys.argv[1]
    rng = np.random.default_rng(1)
    types = ['f2','f4','f8','i1','i2','i4','i8','u1','u2','u4','u8','b1']
    for t in types:
      for order in '<>':
        for shape in [(), (5,), (3,4), (2,3,4), (0,3)]:
          a = np.asarray(rng.normal(size=shape) * 50)
          a = (abs(a) if t[0] == 'u' else a).astype(order + t)
          for fortran in (False, True):
            b = np.array(a, order="F" if fortran else "C")
            name = f"{t}-{'l' if order == '<' else 'b'}-{'x'.join(map(str, shape))}-{fortran}.npy"
            with open(f'{folder}/{name}', 'wb') as f:
              version = [(1,0),(2,0),(3,0)][len(shape) % 3]
              np.lib.format.write_array(f, b, version=version)
            values = ' '.join(float(v).hex() for v in a.astype('f8').ravel())
            print(name, ','.join(map(str, shape)) or '-', values, sep=';')
    """

  @Test func everyFileThatNumpyWritesIsRead() throws {
    let folder = try TemporaryFolder()
    let lines = try Python.run(Self.writer, [folder.path]).split(separator: "\n")
    #expect(lines.count == 12 * 2 * 5 * 2)
    for line in lines {
      let parts = line.split(separator: ";", omittingEmptySubsequences: false)
      let array = try NumpyArray(contentsOf: folder(String(parts[0])))
      #expect(array.shape == parts[1].split(separator: ",").compactMap { Int($0) }, "\(parts[0])")
      let expected = parts[2].split(separator: " ").map { Double($0)?.bitPattern }
      #expect(array.elements.map(\.bitPattern) == expected, "\(parts[0])")
    }
  }

  @Test func archivesThatNumpyWritesAreRead() throws {
    let folder = try TemporaryFolder()
    try Python.run(
      """
      import sys, numpy as np
      for save, name in ((np.savez, 'a'), (np.savez_compressed, 'b')):
        save(f'{sys.argv[1]}/{name}.npz', W=np.arange(6.).reshape(2, 3), threshold=0.25,
             learner='lmnn', names=np.array(['é', 'bb']))
      """, [folder.path])
    for name in ["a.npz", "b.npz"] {
      let archive = try NumpyArchive(contentsOf: folder(name))
      #expect(archive.keys == ["W", "threshold", "learner", "names"])
      #expect(try archive.matrix("W") == Matrix([[0, 1, 2], [3, 4, 5]]))
      #expect(try archive.number("threshold") == 0.25)
      #expect(try archive.strings("learner") == ["lmnn"])
      #expect(try archive.strings("names") == ["é", "bb"])
    }
  }

  @Test func numpyReadsWhatIsWritten() throws {
    let folder = try TemporaryFolder()
    let matrix = Matrix<Double>([[0.1, -0.0], [1e300, .pi]])
    try DataFile.write(matrix, to: folder("m.npy"))
    try CSVWriter.write(matrix, columnNames: ["a", "b"], to: folder("m.csv"))
    for isCompressed in [false, true] {
      try NumpyArchive.write(
        [
          "W": .matrix(matrix), "n": .integers([1, -2]), "s": .strings(["é", "bb"]),
          "t": .string("x"),
        ],
        to: folder("a\(isCompressed).npz"), isCompressed: isCompressed)
    }
    let printed = try Python.run(
      """
      import sys, numpy as np
      f = sys.argv[1]
      W = np.array([[0.1, -0.0], [1e300, np.pi]])
      same = lambda a, b: a.dtype == b.dtype and a.tobytes() == b.tobytes()
      print(same(np.load(f + '/m.npy'), W))
      print(same(np.loadtxt(f + '/m.csv', delimiter=',', skiprows=1), W))
      for name in ('false', 'true'):
        z = np.load(f + f'/a{name}.npz', allow_pickle=False)
        print(same(z['W'], W), z['n'].dtype == np.int64 and list(z['n']) == [1, -2],
              list(z['s']) == ['é', 'bb'], z['t'] == 'x')
      """, [folder.path])
    #expect(!printed.contains("False"))
    #expect(printed.split(separator: "\n").count == 4)
  }

  @Test func pickledObjectsAreRefusedByName() throws {
    let folder = try TemporaryFolder()
    let path = folder("o.npy")
    try Python.run(
      "import sys, numpy as np; np.save(sys.argv[1], np.array([{}, None]), allow_pickle=True)",
      [path])
    #expect(throws: DatasetError.array(path: path, .objects)) { try NumpyArray(contentsOf: path) }
  }

  @Test func compressedIDXFilesAreRead() throws {
    let folder = try TemporaryFolder()
    try Python.run(
      """
      import sys, gzip, struct, numpy as np
      a = np.arange(100 * 28 * 28, dtype=np.uint32).astype(np.uint8)
      with gzip.open(sys.argv[1] + '/a.idx.gz', 'wb') as f:
        f.write(struct.pack('>BBBBIII', 0, 0, 8, 3, 100, 28, 28) + a.tobytes())
      """, [folder.path])
    let matrix = try DataFile.matrix(at: folder("a.idx.gz"))
    #expect(matrix.shape == "100×784")
    #expect(matrix.elements.enumerated().allSatisfy { $1 == Double($0 % 256) })
  }
}
