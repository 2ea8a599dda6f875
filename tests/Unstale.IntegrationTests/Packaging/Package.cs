using System.IO.Compression;
using System.Text;
using System.Xml.Linq;

namespace Unstale.IntegrationTests.Packaging;

/// <summary>A package file, opened.</summary>
internal sealed class Package : IDisposable
{
    private readonly ZipArchive _archive;
    private readonly XElement _metadata;

    public Package(string file)
    {
        _archive = ZipFile.OpenRead(file);
        var specification = _archive.Entries.Single(static entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).FullName;
        _metadata = XDocument.Parse(Text(specification)).Root!.Elements().Single(static element => element.Name.LocalName == "metadata");
        Files =
        [
            .. _archive.Entries.Select(static entry => entry.FullName)
                .Where(name => name != specification && name != "[Content_Types].xml" && !name.StartsWith("_rels/", StringComparison.Ordinal) && !name.EndsWith(".psmdcp", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Files without the parts of the container format.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Value of a metadata element; empty if the package has no such element.</summary>
    public string this[string element] => Element(element)?.Value ?? "";

    /// <summary>Dependencies of the only target framework, with the version range as written.</summary>
    public IReadOnlyDictionary<string, string> Dependencies =>
        (Element("dependencies")?.Elements().Single().Elements() ?? []).ToDictionary(static one => one.Attribute("id")!.Value, static one => one.Attribute("version")!.Value);

    public XElement? Element(string name) => _metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name);

    public byte[] Bytes(string file)
    {
        using var content = _archive.GetEntry(file)!.Open();
        using var copy = new MemoryStream();
        content.CopyTo(copy);
        return copy.ToArray();
    }

    public string Text(string file) => Encoding.UTF8.GetString(Bytes(file)).TrimStart('\uFEFF');

    public void Dispose() => _archive.Dispose();
}
