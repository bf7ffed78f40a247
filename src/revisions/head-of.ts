import type { Ledger } from '../hosts/ledger';
import type { Revision } from '../hosts/revision';

/** The service's head revision in the host's ledger; undefined if it was never released. */
export async function headOf(
  { ledger }: { ledger: Ledger },
  key: { platform: string; service: string },
): Promise<Revision | undefined> {
  const own = ledger.of(key);
  const head = await own.head();
  return head === undefined ? undefined : await own.revision(head);
}
