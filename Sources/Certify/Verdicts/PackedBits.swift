/// Packs one bit per feature, feature k into bit k mod 64 of word k div 64.
func packedBits(_ count: Int, _ isSet: (Int) -> Bool) -> [UInt64] {
  var bits = [UInt64](repeating: 0, count: (count + 63) / 64)
  for k in 0..<count where isSet(k) { bits[k / 64] |= 1 << (k % 64) }
  return bits
}

/// Whether the bit of feature `k` is set.
func isSet(_ k: Int, in bits: [UInt64]) -> Bool { bits[k / 64] >> (k % 64) & 1 == 1 }
