// FranceConnect's own form submits itself too; the button stays for browsers without script.
document.querySelector("[data-logout]")?.submit();
