import ArgumentParser
import Certify
import Experiments

/// Certifies triplets.
struct CertifyTriplets: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "triplets",
    abstract: "Proves which triplets keep their order when one of their points moves.",
    discussion: """
      The similar point moves within the radius, as in Appendix C of the paper. A triplet is certified \
      when no move puts it farther from the anchor than the dissimilar point. With '--moves anchor' the \
      anchor moves instead, for which the certificate is exact.

      Example:
        robustmetric certify triplets --metric W.npz --dataset ionosphere --split test --sample 500 \
      --epsilon 0.05
      """)

  @OptionGroup var attack: AttackTriplets

  @Option(help: "How much is computed: 'paper', 'fast', 'tight' or 'exact'.")
  var effort: CertificateEffort = .fast

  @Flag(
    help: "Also compute the largest certified and the smallest attacked radius of every triplet.")
  var radius = false

  func run() throws { try attack.run(effort: effort, computesRadii: radius) }
}
