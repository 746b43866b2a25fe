// A page without a server of its own: oidc-client-ts signs parents in, without a secret.

const manager = new oidc.UserManager({
  authority: 'http://localhost:8400',
  client_id: 'page',
  redirect_uri: 'http://localhost:3000/',
  post_logout_redirect_uri: 'http://localhost:3000/',
  scope: 'openid profile ect.scope.cnx',
  loadUserInfo: true,
  revokeTokensOnSignout: true,
});

manager.events.addUserLoaded(show);
manager.events.addUserUnloaded(() => show(null));
manager.events.addSilentRenewError(() => manager.removeUser());

const came = new URLSearchParams(location.search);
if (came.has('state')) {
  const back = came.has('code') || came.has('error') ? manager.signinCallback() : manager.signoutCallback();
  await back.catch((error) => console.error(error)); // nobody is signed in, then
  history.replaceState(null, '', '/'); // no code stays in the address
}
show(await manager.getUser());

document.getElementById('enter').addEventListener('click', () => manager.signinRedirect());
document.getElementById('leave').addEventListener('click', () => manager.signoutRedirect());

function show(user) {
  document.querySelector('h1').textContent = user ? `${user.profile.given_name} ${user.profile.family_name}` : 'Bienvenue';
  document.getElementById('told').textContent = user ? user.profile.FrEduCtRefId : '';
}
