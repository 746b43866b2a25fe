// A parent at Préau's pages, and the control API of a test instance. One file, no dependency but Playwright: copy it into your suite.

import { expect } from '@playwright/test';

export const PASSWORD = 'Cartable-Bleu-42';

/** Parents of the demo's school, as they would fill the pages in. */
export const JOE = {
  familyName: 'DUPONT',
  givenName: 'Joe',
  phone: '06 39 98 00 01',
  children: [
    { name: 'Léa DUPONT', born: '2012-04-12' },
    { name: 'Tom DUPONT', born: '2014-09-03' },
  ],
};
export const ANGELA = {
  familyName: 'DUBOIS',
  givenName: 'Angela',
  phone: '06 39 98 00 02',
  children: [{ name: 'Zoé DUBOIS', born: '2013-01-30' }],
};

export class Preau {
  /**
   * @param {string} address Where the provider is, for browsers and for this program.
   * @param {string} token Of the control API; '' where the instance asks for none.
   */
  constructor(address = process.env.PREAU_ADDRESS ?? 'http://localhost:8400', token = process.env.PREAU_SANDBOX_TOKEN ?? '') {
    this.address = address;
    this.token = token;
  }

  // --- what a parent does ------------------------------------------------------------------------------------------------------------

  /**
   * Walk an activation by SMS, from the sign-in page to the last one, and return what she signs in with.
   *
   * @param {import('@playwright/test').Page} page At « Je me connecte », or at « Je sélectionne mon profil ».
   * @returns {Promise<{identifiant: string, password: string}>}
   */
  async activate(page, parent, password = PASSWORD) {
    await this.askForCode(page, parent);
    await page.locator('#code').fill(await this.code(parent.phone));
    await this.#goOn(page, 'Continuer', 'Je confirme mon lien avec les élèves');
    await this.#claimChildren(page, parent.children);
    await this.#goOn(page, 'Continuer', 'Je choisis mon mot de passe');
    await page.locator('#mot-de-passe').fill(password);
    await page.locator('#confirmation').fill(password);
    await this.#goOn(page, 'Activer mon compte', 'Votre compte a été activé avec succès');
    const shown = await page.locator('dd[translate=no]').innerText();
    return { identifiant: shown.split(/\s/)[0], password };
  }

  /** Begin an activation: say who she is, and be sent a security code. */
  async askForCode(page, parent) {
    await this.#chooseProfile(page);
    await page.getByRole('link', { name: "Je n'ai pas de compte" }).click();
    await page.locator('#nom').fill(parent.familyName);
    await page.locator('#prenom').fill(parent.givenName);
    await page.locator('#telephone').fill(parent.phone);
    await this.#goOn(page, 'Continuer', 'Un code de sécurité a été envoyé');
  }

  /** Fill in the sign-in page, after the choice of a profile where it is asked. */
  async signIn(page, account) {
    await this.#chooseProfile(page);
    await page.locator('#username').fill(account.identifiant);
    await page.locator('#password').fill(account.password);
    await page.locator('#bouton_valider').click();
  }

  /** Answer the page that asks whether a service may know her. */
  async consent(page, allows = true) {
    await expect(heading(page)).toHaveText('Donnez-vous votre accord ?');
    await page.getByRole('button', { name: allows ? 'Autoriser' : 'Refuser', exact: true }).click();
  }

  /** Sign out at the provider, which tells the services. */
  async signOut(page) {
    await page.goto(`${this.address}/idp/profile/Logout`);
    await this.#goOn(page, 'Me déconnecter', 'Vous êtes déconnecté');
  }

  // --- what a tester does: docs/reference/control-api.md -----------------------------------------------------------------------------

  /** Go back to the seed. */
  async reset() {
    await this.ask('POST', 'reset');
  }

  /**
   * Make the account of the person whom the school knows by this number, in one call and without a page.
   *
   * @returns {Promise<{identifiant: string, password: string}>}
   */
  async activateNow(phone, password = PASSWORD) {
    const { identifiant } = await this.ask('POST', 'people/activate', { phone: toE164(phone), password });
    return { identifiant, password };
  }

  /** Register a client by the members of RFC 7591, and `consent`: 'none', 'remembered' or 'always'. Returns what it was given. */
  async client(members) {
    return this.ask('POST', 'clients', members);
  }

  /** Return the texts of a number, written as anybody writes it, or the mails of an address, newest first. */
  async messages(to) {
    return this.ask('GET', `messages?to=${encodeURIComponent(to.includes('@') ? to : toE164(to))}`);
  }

  /** Return the security code that was last sent to a number. */
  async code(phone) {
    const codes = (await this.messages(phone)).map(({ text }) => /^\d{6}\b/.exec(text)?.[0]).filter(Boolean);
    expect(codes, `codes sent to ${phone}`).not.toHaveLength(0);
    return codes[0];
  }

  /** Move the provider's clock forward. */
  async advance(seconds) {
    await this.ask('PUT', 'clock', { advance_seconds: seconds });
  }

  /** Let the next answers go wrong: docs/reference/faults.md. */
  async arm(fault, wishes = {}) {
    await this.ask('POST', 'faults', { fault, ...wishes });
  }

  /** Make a call of the control API, and return its answer. */
  async ask(method, path, body) {
    const headers = { 'X-Preau-Sandbox': '1', ...(this.token && { Authorization: `Bearer ${this.token}` }) };
    const answer = await fetch(`${this.address}/sandbox/v1/${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} /sandbox/v1/${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  async #chooseProfile(page) {
    const parents = page.locator('#bouton_responsable');
    await expect(parents.or(page.locator('#username'))).toBeVisible();
    if (await parents.isVisible()) await parents.click();
  }

  async #claimChildren(page, children) {
    const text = await page.locator('main').innerText();
    const shown = [...children].sort((one, other) => text.indexOf(one.name) - text.indexOf(other.name));
    for (const [index, child] of shown.entries()) {
      const [year, month, day] = child.born.split('-');
      await page.locator(`#mine-${index + 1}`).check();
      await page.locator(`#jour-${index + 1}`).fill(day);
      await page.locator(`#mois-${index + 1}`).fill(month);
      await page.locator(`#annee-${index + 1}`).fill(year);
    }
  }

  async #goOn(page, words, next) {
    await page.getByRole('button', { name: words, exact: true }).click();
    await expect(heading(page)).toHaveText(next);
  }
}

/** The heading of a page. */
export function heading(page) {
  return page.getByRole('heading', { level: 1 });
}

function toE164(written) {
  const bare = written.replaceAll(/\s/g, '');
  return bare.startsWith('0') ? `+33${bare.slice(1)}` : bare;
}
