import ArgumentParser
import Certify
import Experiments

/// Certifies triplets.
struct CertifyTriplets: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "triplets",
    abstract: "Proves which triplets keep their order when the similar point moves.",
    discussion: """
      The similar point moves within the radius, as in Appendix C of the paper. A triplet is certified \
      when no move puts it farther from the anchor than the dissimilar point.

      Example:
        robustmetric certify triplets --metric W.npz --dataset ionosphere --split test --sample 500 \
      --epsilon 0.05
      """)

  @OptionGroup var attack: AttackTriplets

  @Option(help: "How much is computed: 'paper', 'fast', 'tight' or 'exact'.")
  var effort: CertificateEffort = .fast

  func validate() throws {
    if attack.moves != .similar {
      throw ValidationError("only moves of the similar point are certified; leave --moves out")
    }
  }

  func run() throws {
    try attack.threat.require([.infinity], for: "certify triplets")
    try attack.run(effort: effort)
  }
}
