using System.Text;
using Microsoft.Extensions.Configuration;

namespace Unstale.Tests.Hosting;

/// <summary>A configuration whose list <c>Caches:Rules</c> is this JSON and may change.</summary>
internal sealed class JsonSettings : ConfigurationProvider, IConfigurationSource
{
    private string _rules;
    private string _other = "0";

    public JsonSettings(params string[] rules)
    {
        _rules = string.Join(',', rules);
        Take(Text);
        Root = new ConfigurationBuilder().Add(this).Build();
    }

    public IConfigurationRoot Root { get; }

    private string Text => $$"""{ "Caches": { "Rules": [{{_rules}}] }, "Other": "{{_other}}" }""";

    public static JsonSettings OfFile(string json)
    {
        var settings = new JsonSettings();
        settings.Take(json);
        return settings;
    }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public void Change(params string[] rules)
    {
        _rules = string.Join(',', rules);
        Take(Text);
        OnReload();
    }

    public void ChangeOther(string value)
    {
        _other = value;
        Take(Text);
        OnReload();
    }

    private void Take(string json)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        var read = (ConfigurationProvider)((IConfigurationBuilder)new ConfigurationBuilder()).AddJsonStream(stream).Build().Providers.Single();
        var data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        Copy(read, null, data);
        Data = data;
    }

    private static void Copy(ConfigurationProvider from, string? parent, Dictionary<string, string?> to)
    {
        foreach (var key in from.GetChildKeys([], parent).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var path = parent is null ? key : $"{parent}:{key}";
            if (from.TryGet(path, out var value))
                to[path] = value;
            Copy(from, path, to);
        }
    }
}
