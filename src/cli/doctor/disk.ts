import { wayToRoom } from '../../errors';
import { lack, leastRoom, type Room, roomIn } from '../../hosts/disk';
import { sizeText } from '../../model/quantities';
import { dockerClient } from '../../runtimes/docker/client';
import { engineFolders } from '../../runtimes/docker/folders';
import { bad, type Check, ok, warn } from './check';

/** Bytes below which the check warns. */
const little = 2_000_000_000;
const within = 10_000;

/** Checks the room for Belay's own files, and for the engine's if they are on this machine. */
export async function examineDisk(home: string): Promise<Check[]> {
  // Another check reports a silent engine.
  const folders = await engineFolders(dockerClient(), within).catch(() => []);
  return (await roomIn([home, ...folders])).map(roomCheck);
}

/** Pure. */
export function roomCheck(room: Room): Check {
  const problem = lack(room, leastRoom.pull);
  if (problem) return bad('disk', problem, wayToRoom);
  const text = `${room.folder}: ${sizeText(room.free)} free`;
  return room.free < little ? warn('disk', text, wayToRoom) : ok('disk', text);
}
