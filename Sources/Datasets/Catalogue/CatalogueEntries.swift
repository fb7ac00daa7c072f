extension DatasetName {
  /// What the catalogue knows about the data set.
  public var entry: CatalogueEntry {
    switch self {
    case .parkinsons: CatalogueEntry.parkinsons
    case .heart: CatalogueEntry.heart
    case .ionosphere: CatalogueEntry.ionosphere
    case .mnist8v9: CatalogueEntry.mnist8v9
    case .attFaces: CatalogueEntry.attFaces
    case .energy: CatalogueEntry.energy(self)
    case .energyCooling: CatalogueEntry.energy(self)
    case .housing: CatalogueEntry.housing
    case .concrete: CatalogueEntry.concrete
    }
  }
}

/// The terms that most of the data sets share.
private let attribution = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"

extension CatalogueEntry {
  static let parkinsons = CatalogueEntry(
    name: .parkinsons, title: "Parkinson's disease from voice recordings",
    files: [
      CatalogueFile(
        path: "parkinsons.csv",
        sha256: "10a205d347f9d43b2af299ff7de0a2e46510165a373a921bf5adeff17ae84cea",
        originDigest: .init(
          file: "parkinsons.data",
          sha256: "a36116c2deac07895b79ce97a2f99a1b3720ac4892995ff5c3b9ccb397ed2bc5",
          form: .namedRecordings))
    ],
    size: 195, dimension: 22, classNames: ["healthy", "Parkinson's"],
    trainingCount: 97, testCount: 98,
    credit: "M. A. Little, P. E. McSharry, E. J. Hunter, J. Spielman, L. O. Ramig, 2008",
    license: attribution,
    origin: "UCI Machine Learning Repository, data set 174, https://doi.org/10.24432/C59C74")

  static let heart = CatalogueEntry(
    name: .heart, title: "Heart disease, Cleveland",
    files: [
      CatalogueFile(
        path: "heart_cleveland.csv",
        sha256: "a5195b7562ca4f48bda400649bfee2a7d7ed70ff72fb5cc0c486c68fd68f7f62",
        originDigest: .init(
          file: "processed.cleveland.data",
          sha256: "a74b7efa387bc9d108d7d0115d831fe9b414b29ae7124f331b622b4efa0427c8",
          form: .withoutHeader(
            header: "age,sex,cp,trestbps,chol,fbs,restecg,thalach,exang,oldpeak,slope,ca,thal,num"))
      )
    ],
    size: 303, dimension: 23, classNames: ["absent", "present"],
    trainingCount: 151, testCount: 152,
    credit: "A. Janosi, W. Steinbrunn, M. Pfisterer, R. Detrano (V.A. Medical Center, Long Beach "
      + "and Cleveland Clinic Foundation), 1988",
    license: attribution,
    origin: "UCI Machine Learning Repository, data set 45, https://doi.org/10.24432/C52P4X")

  /// Table 4 prints 15,753 = 178 · 177 / 2 test pairs beside 175 training points, which 351 points
  /// don't allow; 176 are left.
  static let ionosphere = CatalogueEntry(
    name: .ionosphere, title: "Radar returns from the ionosphere",
    files: [
      CatalogueFile(
        path: "ionosphere.csv",
        sha256: "c3c36b692d178f83a1dc212112fa2c703a8b236a60b7146bf969e43b19efd3e1",
        originDigest: .init(
          file: "ionosphere.data",
          sha256: "46d52186b84e20be52918adb93e8fb9926b34795ff7504c24350ae0616a04bbd",
          form: .withoutHeader(
            header: IonosphereLoader.featureNames.joined(separator: ",") + ",class")))
    ],
    size: 351, dimension: 34, classNames: ["bad", "good"],
    trainingCount: 175, testCount: 176,
    credit: "V. Sigillito, S. Wing, L. Hutton, K. Baker (Johns Hopkins University), 1989",
    license: attribution,
    origin: "UCI Machine Learning Repository, data set 52, https://doi.org/10.24432/C5W01B")

  static func energy(_ name: DatasetName) -> CatalogueEntry {
    let isCooling = name == .energyCooling
    return CatalogueEntry(
      name: name,
      title: "Energy efficiency of buildings, \(isCooling ? "cooling" : "heating") load",
      files: [
        CatalogueFile(
          path: isCooling ? "energy_cooling.csv" : "energy_heating.csv",
          sha256: isCooling
            ? "b0c963f8d187f9ff950706778f4ceb7c3f17cab1441f0650155f69d0f9483775"
            : "15bcfc654b7c5067945efd970686188be630281161a62743eb986ff86ff998e8",
          originDigest: nil)
      ],
      size: 768, dimension: 8, classNames: ["lower 70 %", "top 30 %"],
      trainingCount: 384, testCount: 115,
      credit: "A. Tsanas, A. Xifara, 2012", license: attribution,
      origin: "UCI Machine Learning Repository, data set 242, https://doi.org/10.24432/C51307")
  }

  static let housing = CatalogueEntry(
    name: .housing, title: "Boston housing",
    files: [
      CatalogueFile(
        path: "housing.csv",
        sha256: "ebf8b4a9ceaf375f9591be7b862b3eafc6efc952251e77f09dd6c2df9e216ba0",
        originDigest: .init(
          file: "housing.data",
          sha256: "baadf72995725d76efe787b664e1f083388c79ba21ef9a7990d87f774184735a",
          form: .fixedWidths(
            header: "CRIM,ZN,INDUS,CHAS,NOX,RM,AGE,DIS,RAD,TAX,PTRATIO,B,LSTAT,MEDV",
            widths: [8, 7, 8, 3, 8, 8, 7, 8, 4, 7, 7, 7, 7, 7])))
    ],
    size: 506, dimension: 13, classNames: ["lower 70 %", "top 30 %"],
    trainingCount: 253, testCount: 75,
    credit: "D. Harrison, D. L. Rubinfeld, J. Environ. Economics & Management 5, 1978",
    license: "no explicit license; redistributed by StatLib, Carnegie Mellon University",
    origin: "StatLib, http://lib.stat.cmu.edu/datasets/boston")

  static let concrete = CatalogueEntry(
    name: .concrete, title: "Compressive strength of concrete",
    files: [
      CatalogueFile(
        path: "concrete.csv",
        sha256: "681282f48bb25e44eb4f4fc69934e209cfb37e5d4189afe83512321c4bce645f",
        originDigest: .init(
          file: "Concrete_Data.xls",
          sha256: "710076c66b9ca3f8050e7942f3dcbdbe04013534daeb0077ffd3079a52d8e0c4",
          form: nil))
    ],
    size: 1030, dimension: 8, classNames: ["lower 70 %", "top 30 %"],
    trainingCount: 515, testCount: 154,
    credit: "I-C. Yeh, Cement and Concrete Research 28(12), 1998", license: attribution,
    origin: "UCI Machine Learning Repository, data set 165, https://doi.org/10.24432/C5PK67")
}
