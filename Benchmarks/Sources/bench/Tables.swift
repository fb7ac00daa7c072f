import Glibc
import LinAlg
import Workloads

/// Measures and prints one table, a line as soon as it is there.
func printTable(_ wanted: [Workload], turns: Int) throws {
  print(
    """
    \(processorName), \(Inputs.threads) threads; \(BLAS.configuration), kernel \(BLAS.kernel); \
    images: \(Inputs.images.source)
    Median of \(turns) runs (fewer of long ones), each in turn with its roof. "× roof" is the roof's processor time over the \
    run's: above 1 is faster than the roof. Spread is (slowest − fastest)/median; memory is the \
    process's largest so far. Attacks: the final evaluation in Double counts in "ms", not in "× roof".

    """)
  let header = ["what", "on", "ms", "spread", "per second", "× roof", "roof", "MiB", "checked by"]
  let widths = [42, 46, 9, 7, 18, 7, 11, 6, 30]
  print(line(header, widths))
  print(widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "))
  for workload in wanted {
    fflush(nil)
    let found = try Measurement(of: workload, turns: turns)
    print(
      line(
        [
          found.name, found.size, rounded(1000 * found.seconds),
          "\(Int((100 * found.spread).rounded()))%", "\(rounded(found.rate)) \(found.unit)",
          found.roofRatio.map { rounded($0) } ?? "", found.roof ?? "",
          "\(Int(found.peakMemory))", found.check,
        ], widths))
  }
}

/// Says what is wrong in one line and ends.
func stop(_ message: String, _ status: Int32) -> Never {
  let text = Array("error: \(message)\n".utf8)
  write(2, text, text.count)
  exit(status)
}

private func line(_ cells: [String], _ widths: [Int]) -> String {
  zip(cells, widths).enumerated().map { column, pair in
    let padding = String(repeating: " ", count: max(0, pair.1 - pair.0.count))
    return [0, 1, 6, 8].contains(column) ? pair.0 + padding : padding + pair.0
  }.joined(separator: "  ")
}

/// Prints the curves with their exponents, and draws them where gnuplot is.
func printScaling(folder: String) throws {
  mkdir(folder, 0o755)
  let curves = try ScalingCurve.all()
  var data = ""
  for curve in curves {
    fflush(nil)
    print("\(curve.name): time grows as size^\(rounded(curve.exponent))")
    data += "\"\(curve.name)\"\n"
    for point in curve.points {
      print("  \(rounded(point.size))\t\(rounded(point.seconds)) s")
      data += "\(point.size) \(point.seconds)\n"
    }
    data += "\n\n"
  }
  guard let file = fopen(folder + "/scaling.dat", "w") else {
    stop("\(folder)/scaling.dat cannot be made", 73)
  }
  fputs(data, file)
  fclose(file)
  let plot = curves.indices.map {
    "'\(folder)/scaling.dat' index \($0) using 1:2 with linespoints title columnheader(1)"
  }.joined(separator: ", ")
  let commands =
    "set terminal svg size 720,480; set output '\(folder)/scaling.svg'; set logscale xy; "
    + "set xlabel 'size'; set ylabel 'seconds'; set key outside below; plot \(plot)"
  if system("command -v gnuplot > /dev/null && gnuplot -e \"\(commands)\"") == 0 {
    print("written \(folder)/scaling.svg")
  }
}

/// The processor's name, as Linux gives it.
var processorName: String {
  guard let file = fopen("/proc/cpuinfo", "r") else { return "unknown processor" }
  defer { fclose(file) }
  var buffer = [CChar](repeating: 0, count: 4096)
  while fgets(&buffer, 4096, file) != nil {
    let text = String(
      decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    if text.hasPrefix("model name"), let colon = text.firstIndex(of: ":") {
      return String(text[text.index(colon, offsetBy: 2)...].filter { $0 != "\n" })
    }
  }
  return "unknown processor"
}
