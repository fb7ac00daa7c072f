extension CatalogueEntry {
  static let mnist8v9 = CatalogueEntry(
    name: .mnist8v9, title: "Handwritten eights and nines of MNIST",
    files: [
      CatalogueFile(
        path: "mnist/train-images-idx3-ubyte.gz",
        sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        originDigest: nil),
      CatalogueFile(
        path: "mnist/train-labels-idx1-ubyte.gz",
        sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        originDigest: nil),
    ],
    size: 2016, dimension: 784, classNames: ["8", "9"],
    trainingCount: 1008, testCount: 201,
    credit: "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, 1998 (copyright Y. LeCun and C. Cortes)",
    license: "CC BY-SA 3.0, https://creativecommons.org/licenses/by-sa/3.0/",
    origin: "The MNIST database of handwritten digits, http://yann.lecun.com/exdb/mnist/")

  static let attFaces = CatalogueEntry(
    name: .attFaces, title: "The Database of Faces (AT&T, formerly ORL)",
    files: faceFiles, size: 400, dimension: 92 * 112, classNames: (1...40).map { "s\($0)" },
    trainingCount: 240, testCount: 40,
    credit:
      "AT&T Laboratories Cambridge (Olivetti Research Laboratory); F. Samaria, A. Harter, 1994",
    license: "no explicit license; credit to AT&T Laboratories Cambridge is required",
    origin: "https://www.cl.cam.ac.uk/research/dtg/attarchive/facedatabase.html")

  /// The 400 images, ten of one person after another.
  private static var faceFiles: [CatalogueFile] {
    let digests = faceDigests.description.split(separator: "\n")
    return (0..<400).map { index in
      CatalogueFile(
        path: "att_faces/s\(index / 10 + 1)/\(index % 10 + 1).pgm",
        sha256: String(digests[index]), originDigest: nil)
    }
  }
}
