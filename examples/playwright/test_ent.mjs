// The browser tests of an imaginary ENT. The ENT under test is the sample one, which `make demo` starts beside the provider: put yours in its place.

import { expect, test } from '@playwright/test';

import { ANGELA, heading, JOE, Preau } from './preau.mjs';

const preau = new Preau();

test.beforeEach(() => preau.reset());

/** Go from the ENT's home to the provider, as a parent does. */
async function comeFromTheEnt(page) {
  await page.goto('/');
  await page.getByRole('link', { name: 'Se connecter' }).click();
  await page.getByLabel('Élève ou parent').check();
  await page.getByRole('button', { name: 'Continuer' }).click();
}

/** Come in with an account that exists. */
async function enter(page, parent) {
  const account = await preau.activateNow(parent.phone);
  await comeFromTheEnt(page);
  await preau.signIn(page, account);
  await expect(heading(page)).toHaveText(`Bonjour ${parent.givenName} ${parent.familyName}`);
  return account;
}

test('a parent who activates an account on the pages sees both children', async ({ page }) => {
  await comeFromTheEnt(page);
  const account = await preau.activate(page, JOE);
  await comeFromTheEnt(page);
  await preau.signIn(page, account);
  await expect(heading(page)).toHaveText('Bonjour Joe DUPONT');
  await expect(page.locator('main')).toContainText('Léa DUPONT');
  await expect(page.locator('main')).toContainText('Tom DUPONT');
});

test('a wrong password keeps a parent at the provider, and the right one lets her in', async ({ page, browser }) => {
  const account = await enter(page, ANGELA);
  const other = await (await browser.newContext()).newPage();
  await comeFromTheEnt(other);
  await preau.signIn(other, { ...account, password: 'Cartable-Rouge-42' });
  await expect(other.locator('#username')).toBeVisible();
  await expect(other.locator('main')).toContainText('incorrect');
  await preau.signIn(other, account);
  await expect(heading(other)).toHaveText('Bonjour Angela DUBOIS');
});

test('signing out at the ENT signs out of the provider', async ({ page }) => {
  await enter(page, ANGELA);
  await page.getByRole('button', { name: 'Se déconnecter' }).click();
  await expect(heading(page)).toHaveText("Vous êtes déconnecté de l'ENT");
  await comeFromTheEnt(page);
  await expect(heading(page)).toHaveText('Je sélectionne mon profil');
});

test('signing out at the provider signs out of the ENT, which is told by its server', async ({ page }) => {
  await enter(page, JOE);
  await preau.signOut(page);
  await expect(async () => {
    await page.goto('/');
    await expect(heading(page)).toHaveText("Bienvenue sur l'ENT Marronnier", { timeout: 500 });
  }).toPass();
});

test('a code that is half an hour old is not taken', async ({ page }) => {
  await comeFromTheEnt(page);
  await preau.askForCode(page, JOE);
  const code = await preau.code(JOE.phone);
  await preau.advance(31 * 60);
  await page.locator('#code').fill(code);
  await page.getByRole('button', { name: 'Continuer', exact: true }).click();
  await expect(page.locator('main')).toContainText("n'est plus valable");
});

test('an ID token of another issuer lets nobody in', async ({ page }) => {
  const account = await preau.activateNow(JOE.phone);
  await preau.arm('id-token-wrong-iss', { client_id: 'ent' });
  await comeFromTheEnt(page);
  await preau.signIn(page, account);
  await expect(heading(page)).toHaveText("La connexion n'a pas abouti");
  await page.goto('/');
  await expect(heading(page)).toHaveText("Bienvenue sur l'ENT Marronnier");
});

for (const [answer, allows, brings] of [
  ['allows', true, 'code'],
  ['refuses', false, 'error'],
]) {
  test(`a parent who ${answer} that a service knows her brings back its ${brings}`, async ({ page }) => {
    const account = await preau.activateNow(ANGELA.phone);
    const redirect = 'http://localhost:3000/retour';
    const { client_id } = await preau.client({ client_name: 'Cantine', redirect_uris: [redirect], consent: 'always' });
    const asked = { client_id, redirect_uri: redirect, response_type: 'code', scope: 'openid profile', state: 'one', nonce: 'two' };
    await page.goto(`${preau.address}/idp/profile/oidc/authorize?${new URLSearchParams(asked)}`);
    await preau.signIn(page, account);
    await expect(page.locator('main')).toContainText('Cantine');
    // Nobody serves this address: that the browser goes there is all that this test wants to know.
    const sentBack = page.waitForRequest((request) => request.url().startsWith(redirect));
    await preau.consent(page, allows);
    const returned = new URL((await sentBack).url()).searchParams;
    expect(returned.get('state')).toBe('one');
    expect(returned.has(brings)).toBe(true);
  });
}
