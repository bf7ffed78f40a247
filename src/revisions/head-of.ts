import type { Ledger } from '../hosts/ledger';
import type { Revision } from '../hosts/revision';

/** The revision that a service is at by the host's ledger; undefined where it was never released. */
export async function headOf(
  { ledger }: { ledger: Ledger },
  key: { platform: string; service: string },
): Promise<Revision | undefined> {
  const own = ledger.of(key);
  const head = await own.head();
  return head === undefined ? undefined : await own.revision(head);
}
