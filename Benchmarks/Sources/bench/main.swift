import Glibc
import LinAlg
import Workloads

let usage = """
  bench                    the five-minute subset, one table
  bench --all              everything
  bench --only TEXT        workloads whose name or size contains TEXT
  bench --scaling FOLDER   how time grows, as a table, FOLDER/scaling.dat and, with gnuplot, scaling.svg
  """

if isDebugBuild {
  stop("a debug build has no speed; build with -c release", 64)
}
BLAS.useOneThreadPerCall()
BLAS.endIdleWorkers()

let arguments = Array(CommandLine.arguments.dropFirst())
do {
  switch arguments.first {
  case nil: try printTable(workloads.filter(\.isShort), turns: 3)
  case "--all": try printTable(workloads, turns: 5)
  case "--only" where arguments.count == 2:
    let wanted = workloads.filter { ($0.name + " " + $0.size).contains(arguments[1]) }
    try printTable(wanted, turns: 5)
  case "--scaling" where arguments.count == 2: try printScaling(folder: arguments[1])
  case "--help": print(usage)
  default: stop("usage:\n" + usage, 64)
  }
} catch {
  stop("\(error)", 70)
}
