import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Locator, type Page } from 'playwright-core';

export interface Browser {
  page: Page;
  /** Saves the page as it is now into the folder of screenshots. */
  shoot(name: string): Promise<void>;
  close(): Promise<void>;
}

const program = '/usr/bin/chromium';
const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];

/** Opens Debian's Chromium with a profile of its own. Screenshots go into BELAY_UI_SHOTS, else into a new folder. */
export async function openBrowser(): Promise<Browser> {
  const shots = process.env.BELAY_UI_SHOTS || mkdtempSync(join(tmpdir(), 'belay-ui-'));
  mkdirSync(shots, { recursive: true });
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', ...quiet];
  const browser = await chromium.launch({ executablePath: program, args });
  const page = await browser.newPage({ viewport: { width: 1280, height: 1130 } });
  page.setDefaultTimeout(60_000);
  console.log(`screenshots: ${shots}`);
  return {
    page,
    shoot: async (name) => void (await page.screenshot({ path: join(shots, `web-ui-${name}.png`) })),
    close: () => browser.close(),
  };
}

/** Waits until somebody who looks at the page sees it. */
export const sees = (shown: Locator): Promise<void> => shown.first().waitFor();
