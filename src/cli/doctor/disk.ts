import { diskFinding, leastRoom } from '../../checks/disk';
import { warn } from '../../checks/finding';
import { wayToRoom } from '../../errors';
import { type Room, roomIn } from '../../hosts/disk';
import { known } from '../../observe/known';
import { dockerRuntime } from '../../runtimes/docker';
import { type Check, checkOf } from './check';

/** Bytes below which the check warns. */
const little = 2_000_000_000;

/** Checks the room for Belay's own files, and for the engine's if they are on this machine. */
export async function examineDisk(home: string): Promise<Check[]> {
  // Another check reports a silent engine.
  const folders = (await known(() => dockerRuntime().folders())) ?? [];
  return (await roomIn([home, ...folders])).map(roomCheck);
}

/** Pure. */
export function roomCheck(room: Room): Check {
  const found = diskFinding(room, leastRoom.launch);
  const isLittle = found.state === 'ok' && room.free < little;
  return checkOf(isLittle ? warn(found.name, found.text, wayToRoom) : found);
}
