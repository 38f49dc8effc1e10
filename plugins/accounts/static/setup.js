// Fill in what the browser knows: language, time zone and the address of the blog.
// Everything stays visible and can be changed; a form that came back with errors is left alone.
const form = document.querySelector("form[data-fill]");
if (form) {
  const choose = (select, value, adds) => {
    if (!value) return;
    const known = [...select.options].some((option) => option.value === value);
    if (!known && adds) select.add(new Option(value, value));
    if (known || adds) select.value = value;
  };
  const languages = [...form.language.options].map((option) => option.value);
  const spoken = navigator.languages || [navigator.language];
  choose(form.language, spoken.map((tag) => tag.split("-")[0]).find((tag) => languages.includes(tag)));
  choose(form.timezone, Intl.DateTimeFormat().resolvedOptions().timeZone, true);
  // The address of this machine is left out, so that the blog can move to another one.
  const local = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(location.hostname);
  if (!local && !form.site_url.value) form.site_url.value = location.origin;
}
