/// Who made which recording of the Parkinson's data, in the order of its rows.
///
/// The published digest of the original file, which names every recording, proves the list.
enum ParkinsonsRecordings {
  /// One recording: its name in the original file, and the person's place from 0.
  struct Recording {
    let name: String
    let person: Int
  }

  /// The numbers that the study gave to its 32 people.
  private static let people = [
    1, 2, 4, 5, 6, 7, 8, 10, 13, 16, 17, 18, 19, 20, 21, 22, 24, 25, 26, 27, 31, 32, 33, 34, 35, 37,
    39, 42, 43, 44, 49, 50,
  ]

  /// Those who made seven recordings; the others made six.
  private static let withSeven: Set<Int> = [21, 27, 35]

  /// The 195 recordings.
  static let all: [Recording] = people.enumerated().flatMap { place, person in
    (1...(withSeven.contains(person) ? 7 : 6)).map { take in
      Recording(name: "phon_R01_S\(person < 10 ? "0" : "")\(person)_\(take)", person: place)
    }
  }
}
