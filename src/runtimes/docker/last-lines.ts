/** Keeps the last whole lines of a stream, of at most so many bytes. */
export interface LastLines {
  add(piece: Buffer): void;
  text(): string;
}

/** A line that the cut goes through is left out: masking would not see the part of a secret in it. */
export function lastLines(most: number): LastLines {
  let kept = Buffer.alloc(0);
  let isCut = false;
  return {
    add(piece) {
      isCut ||= kept.length + piece.length > most;
      kept = Buffer.concat([kept, piece]).subarray(-most);
    },
    text() {
      const said = kept.toString('utf8');
      if (!isCut) return said;
      const end = said.indexOf('\n');
      return end < 0 ? '' : said.slice(end + 1);
    },
  };
}
