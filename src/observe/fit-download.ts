import { diskFinding, downloadFinding, easyDownload, leastRoom } from '../checks/disk';
import { type Finding, warn } from '../checks/finding';
import { missingFinding, platformFinding } from '../checks/image';
import { asBelayError, type BelayError, wayToRoom } from '../errors';
import { type Room, roomIn } from '../hosts/disk';
import { type Artifact, artifactRef, artifactWord } from '../model/artifact';
import { sizeText } from '../model/quantities';
import type { EngineFacts, ImageFacts, Runtime } from '../runtimes/runtime';
import { known } from './known';

interface Host {
  /** BELAY_HOME. */
  home: string;
  runtime: Runtime;
  engine: Promise<EngineFacts | undefined>;
}

interface Download {
  platform: string;
  service: string;
  /** Absent if the host has kept it. */
  artifact?: Artifact;
}

type Found = Array<Finding | undefined>;

/** Checks the room for Belay's own files and the engine's, and what a release fetches. */
export async function downloadFindings(
  { home, runtime, engine }: Host,
  { platform, service, artifact }: Download,
): Promise<Found> {
  const [own = [], theirs = [], place] = await Promise.all([
    known(() => roomIn([home])),
    known(async () => await roomIn(await runtime.folders())),
    artifact && known(() => runtime.artifacts.where(artifact)),
  ]);
  const launchable = (room: Room) => diskFinding(room, leastRoom.launch);
  const launch = own.map(launchable);
  if (!artifact || place === 'here') {
    const facts = artifact && (await described(runtime, artifact, 0));
    return [...launch, ...theirs.map(launchable), ...imageFindings(artifact, facts, await engine)];
  }
  const free = Math.min(...theirs.map((room) => room.free));
  const facts = await described(runtime, artifact, easyDownload(free));
  const images = imageFindings(artifact, facts, await engine);
  const bytes = facts && 'download' in facts ? facts.download : undefined;
  if (bytes === undefined) {
    const unknown = theirs.map((room) => diskFinding(room, leastRoom.pull));
    return [...unknown, ...launch, ...images, ...(await tight(runtime, { platform, service, artifact }, theirs))];
  }
  const name = `${artifactWord(artifact)} ${artifactRef(artifact)}`;
  return [...theirs.map((room) => downloadFinding(room, { name, bytes })), ...launch, ...images];
}

/** Warns if an image like the one before would not fit. */
async function tight(
  runtime: Runtime,
  { artifact, ...key }: { platform: string; service: string; artifact: Artifact },
  rooms: Room[],
): Promise<Found> {
  const kept = (await known(() => runtime.artifacts.kept(key))) ?? [];
  const before = Math.max(0, ...kept.map(({ bytes }) => bytes));
  return rooms
    .filter(({ free }) => before > 0 && free < before + leastRoom.pull)
    .map(({ folder, free }) =>
      warn(
        'disk',
        `${folder}: ${sizeText(free)} are free, and the ${artifactWord(artifact)} before this one takes ${sizeText(before)}`,
        wayToRoom,
      ),
    );
}

/** The facts of an image, or the error of its registry; undefined if nobody tells in time. */
async function described(
  { artifacts }: Runtime,
  artifact: Artifact,
  easy: number,
): Promise<ImageFacts | BelayError | undefined> {
  return await known(() => artifacts.describe?.(artifact, easy).catch(asBelayError));
}

function imageFindings(artifact?: Artifact, facts?: ImageFacts | BelayError, engine?: EngineFacts): Found {
  if (!artifact || !facts) return [];
  const ref = artifactRef(artifact);
  if (facts instanceof Error) {
    const isOfSource = /^(image|registry)-/.test(facts.code);
    const isLocal = artifact.kind !== 'file' && artifact.local;
    return isOfSource ? [missingFinding(facts, { mirrored: !isLocal && (engine?.hasMirrors ?? true) })] : [];
  }
  return engine ? [platformFinding(ref, facts, engine)] : [];
}
