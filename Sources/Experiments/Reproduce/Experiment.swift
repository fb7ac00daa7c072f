public import Datasets

/// A table or figure: which cells it needs, and what it says of them.
protocol Experiment: Sendable {
  /// Its name.
  var name: ReproductionName { get }
  /// The data sets that it reads.
  func datasets(_ options: ReproductionOptions) -> [DatasetName]
  /// Its cells on the data sets that are there.
  func cells(_ options: ReproductionOptions, _ library: DatasetLibrary) -> [any CellWork]
  /// What its cells say.
  func section(_ results: ResultSet, _ options: ReproductionOptions) -> ReportSection
  /// Its numbers beside the paper's.
  func comparisons(_ results: ResultSet) -> [PaperComparison]
}

extension Experiment {
  func comparisons(_ results: ResultSet) -> [PaperComparison] { [] }
}

extension ReproductionName {
  /// The experiment of this name.
  var experiment: any Experiment {
    switch self {
    case .table1: Table1()
    case .table2: Table2()
    case .table3: Table3()
    case .table4: Table4()
    case .table5: Table5()
    case .figure1: Figure1()
    case .figure2: PictureFigure.figure2
    case .figure3: PictureFigure.figure3
    case .figure4: PictureFigure.figure4
    case .figure5: PictureFigure.figure5
    case .defenses: Defenses()
    case .learners: Learners()
    }
  }

  /// Whether at least one of its data sets is there, or it needs none.
  func canRun(_ options: ReproductionOptions, _ library: DatasetLibrary) -> Bool {
    let needed = experiment.datasets(options)
    return needed.isEmpty || needed.contains { library[$0] != nil }
  }

  /// The data sets that the experiments read, each once.
  ///
  /// - Parameters:
  ///   - names: The experiments.
  ///   - options: How much of each is computed.
  /// - Returns: The data sets in the order of the catalogue.
  public static func datasets(
    of names: [ReproductionName], _ options: ReproductionOptions
  ) -> [DatasetName] {
    let needed = Set(names.flatMap { $0.experiment.datasets(options) })
    return DatasetName.allCases.filter(needed.contains)
  }
}

/// A number of the paper beside ours.
struct PaperComparison: Encodable, Equatable, Sendable {
  var dataset: String
  var model: String
  var variant: String
  var quantity: String
  var epsilon: Double?
  /// The paper's number.
  var paper: Double
  /// The mean over the splits.
  var ours: Double
  /// Half the width of the 95 % interval of the mean; nil for one split.
  var halfWidth: Double?
  /// The smallest and largest value over the splits.
  var minimum: Double
  var maximum: Double
  /// Ours − the paper's.
  var difference: Double

  init?(
    dataset: String, model: String, variant: String, quantity: String, epsilon: Double? = nil,
    paper: Double?, ours: SampleSummary?
  ) {
    guard let paper, let ours else { return nil }
    self.dataset = dataset
    self.model = model
    self.variant = variant
    self.quantity = quantity
    self.epsilon = epsilon
    self.paper = paper
    self.ours = ours.mean
    halfWidth = ours.halfWidth
    minimum = ours.minimum
    maximum = ours.maximum
    difference = ours.mean - paper
  }

  /// Whether the paper's number is one that a split gave, or lies between two of them.
  var isWithinSplits: Bool { (minimum...maximum).contains(paper) }
}
