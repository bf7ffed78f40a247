import { badBackups } from './bad-specs/backups';
import { badConfig } from './bad-specs/config';
import { badDrills } from './bad-specs/drill';
import { badJobs } from './bad-specs/jobs';
import { badNeeds } from './bad-specs/needs';
import { notBuiltSpecs } from './bad-specs/not-built';
import { badPlatformTests } from './bad-specs/platform-tests';
import { refused } from './bad-specs/refused';
import type { BadSpec } from './bad-specs/shapes';
import { badSyntax } from './bad-specs/syntax';
import { systemdSpecs } from './bad-specs/systemd';
import { badValues } from './bad-specs/values';

/** Specs that are refused, each with the exact words. */
export const badSpecs: BadSpec[] = [
  ...badSyntax,
  ...badValues,
  ...refused,
  ...badNeeds,
  ...badJobs,
  ...notBuiltSpecs,
  ...systemdSpecs,
  ...badConfig,
  ...badBackups,
  ...badDrills,
  ...badPlatformTests,
];
