import type { FrameLocator, Locator, Page } from 'playwright-core';
import { waitFor } from '../../testbed';
import { sees } from './browser';

/** What an operator does and reads in Temporal's Web UI. */
export interface WebUi {
  /** Opens the form to start a workflow, as the link fills it in. */
  openForm(fields: Fields): Promise<void>;
  /** Opens the form by a link that brings data with this text. */
  openLink(link: string, text: string): Promise<void>;
  /** Writes the id of the workflow to start. */
  name(workflowId: string): Promise<void>;
  /** Writes the data over what stands there. */
  write(data: string): Promise<void>;
  /** Presses Start Workflow. */
  submit(): Promise<void>;
  /** Starts a workflow with this data. */
  start(fields: Fields, data: string): Promise<void>;
  /** Opens a workflow's page at the tab. */
  open(workflowId: string, tab: 'Timeline' | 'User Metadata'): Promise<void>;
  /** The page that the release itself writes; as of the last `open`. */
  details: FrameLocator;
  /** Returns the workflow's Result, as soon as it has ended so. */
  resultOf(workflowId: string, state: 'Completed' | 'Failed'): Promise<string>;
  /** Opens the list of updates on the workflow's page. */
  chooseUpdate(workflowId: string): Promise<void>;
  /** Sends one of the open list. The form stays open where it is refused. */
  update(name: string, data: string): Promise<void>;
  /** Waits until the update is taken. */
  taken(): Promise<void>;
  /** Returns the ids that the list shows for a query, once it shows `wanted` among them. */
  list(query: string, wanted: string): Promise<string[]>;
  /** Returns the row of a workflow in the open list. */
  row(workflowId: string): Promise<string>;
}

export interface Fields {
  workflowId: string;
  workflowType?: string;
}

const columns = ['Status', 'Workflow ID', 'BelayVersions', 'BelayPhase', 'BelayOutcome', 'Start'];

/** Drives the Web UI at `url`. Its list of workflows has the columns that an operator of Belay would choose. */
export async function createWebUi(page: Page, url: string): Promise<WebUi> {
  const chosen = JSON.stringify({ default: columns.map((label) => ({ label })) });
  await page.addInitScript(`localStorage.setItem('namespace-workflow-table-columns', ${JSON.stringify(chosen)})`);
  const workflows = `${url}/namespaces/default/workflows`;
  const pageOf = (workflowId: string) => `${workflows}/${encodeURIComponent(workflowId)}`;
  const data = page.getByRole('textbox', { name: 'Data' });
  const tab = (name: string) => page.getByRole('tab', { name });

  /** Goes to the address until it shows this: the Web UI's page stays empty where one of its requests failed. */
  const visit = (address: string, shown: Locator): Promise<void> =>
    waitFor({
      what: `${shown} at ${address}`,
      within: 90_000,
      until: async () => {
        await page.goto(address);
        await shown.first().waitFor({ timeout: 10_000 });
        return true;
      },
    });

  async function openForm(fields: Fields): Promise<void> {
    const query = new URLSearchParams({ taskQueue: 'belay', workflowType: 'release', ...fields });
    await visit(`${workflows}/start-workflow?${query}`, page.getByText('Task Queue is Active'));
  }

  /** Leaves the field afterwards: the form then lays out the data, and its button moves. */
  async function write(text: string): Promise<void> {
    await data.fill(text);
    await data.blur();
  }

  async function submit(): Promise<void> {
    await page.getByRole('button', { name: 'Start Workflow' }).click();
    await sees(page.getByRole('link', { name: 'Workflow started successfully' }));
  }

  async function open(workflowId: string, name: string): Promise<void> {
    await visit(pageOf(workflowId), tab(name));
    await tab(name).click();
  }

  return {
    openForm,
    openLink: (link, text) => visit(link, data.filter({ hasText: text })),
    async name(workflowId) {
      const field = page.getByRole('textbox', { name: 'Workflow ID' });
      await field.fill(workflowId);
      await field.blur();
    },
    submit,
    write,
    async start(fields, text) {
      await openForm(fields);
      await write(text);
      await submit();
    },
    open,
    details: page.frameLocator('iframe'),
    async resultOf(workflowId, state) {
      await open(workflowId, 'Timeline');
      await sees(page.getByRole('status').filter({ hasText: state }));
      await sees(page.getByRole('textbox', { name: 'Result' }));
      return await page.getByRole('textbox', { name: 'Result' }).innerText();
    },
    async chooseUpdate(workflowId) {
      await open(workflowId, 'Timeline');
      await page.getByRole('button', { name: 'More Actions' }).click();
      await page.getByRole('menuitem', { name: 'Send an Update' }).click();
      await page.getByRole('button', { name: 'Select an Update' }).click();
    },
    async update(name, text) {
      await page.getByRole('option', { name: new RegExp(`^${name}`) }).click();
      await write(text);
      await page.getByRole('button', { name: 'Submit' }).click();
    },
    taken: () => page.getByRole('heading', { name: 'Send an Update' }).waitFor({ state: 'hidden' }),
    async list(query, wanted) {
      const address = `${workflows}?${new URLSearchParams({ query })}`;
      await visit(address, page.getByRole('link', { name: wanted, exact: true }));
      const rows = page.getByRole('row').getByRole('link');
      return await rows.allInnerTexts();
    },
    row: async (workflowId) =>
      await page
        .getByRole('row')
        .filter({ has: page.getByRole('link', { name: workflowId, exact: true }) })
        .innerText(),
  };
}
