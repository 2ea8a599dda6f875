// The versions beside this one, in the header. Each has a folder of its own; versions.json beside the folders lists them, newest first.
const root = new URL(document.querySelector('meta[name="docfx:rel"]')?.content || './', document.baseURI)

async function addVersions() {
  const response = await fetch(new URL('../versions.json', root))
  if (!response.ok) return
  const own = root.pathname.split('/').at(-2)
  const select = document.createElement('select')
  select.id = 'version'
  select.className = 'form-select form-select-sm w-auto'
  select.ariaLabel = 'Version'
  for (const { folder, name } of await response.json()) select.add(new Option(name, folder, folder === own, folder === own))
  select.addEventListener('change', () => location.assign(new URL(`../${select.value}/index.html`, root)))
  document.querySelector('#navbar').prepend(select)
}

addVersions()

export default {}
