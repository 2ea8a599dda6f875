using System.Text.RegularExpressions;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>compose.yaml and the Dockerfile start the same services as ./shop.sh.</summary>
public sealed partial class ComposeTests
{
    private static readonly string Script = Read("shop.sh");
    private static readonly string Compose = Read("compose.yaml");
    private static readonly string Dockerfile = Read("Dockerfile");

    [Fact]
    public void Compose_has_the_services_of_the_script_and_no_other()
    {
        string[] servers = [.. Servers().Matches(Script).Select(static m => m.Groups["name"].Value)];
        var services = Compose[Compose.IndexOf("\nservices:", StringComparison.Ordinal)..];
        Assert.Equal(["postgres", "redis"], servers);
        Assert.Equal([.. servers, .. Nodes().Select(static n => n.Name)], Service().Matches(services).Select(static m => m.Groups["name"].Value));
    }

    [Fact]
    public void Each_node_is_the_same_program_on_the_same_port()
    {
        var port = int.Parse(Setting("shop_port"));
        foreach (var (name, program) in Nodes())
        {
            var service = ServiceOf(name);
            Assert.Contains($"command: [\"dotnet\", \"{program}/{program}.dll\"]", service, StringComparison.Ordinal);
            Assert.Contains($"- \"127.0.0.1:{port}:{port}\"", service, StringComparison.Ordinal);
            Assert.Contains($"ASPNETCORE_URLS: http://0.0.0.0:{port}\n", service, StringComparison.Ordinal);
            Assert.Contains($"dotnet publish samples/{program} -c Release -o /app/{program}", Dockerfile, StringComparison.Ordinal);
            port++;
        }
    }

    [Fact]
    public void The_servers_have_the_same_ports_names_and_settings()
    {
        var postgres = ServiceOf("postgres");
        Assert.Contains($"- \"127.0.0.1:{Setting("postgres_port")}:5432\"", postgres, StringComparison.Ordinal);
        Assert.Contains($"POSTGRES_USER: {Setting("postgres_user")}\n", postgres, StringComparison.Ordinal);
        Assert.Contains($"POSTGRES_PASSWORD: {Setting("postgres_password")}\n", postgres, StringComparison.Ordinal);
        Assert.Contains($"POSTGRES_DB: {Setting("postgres_database")}\n", postgres, StringComparison.Ordinal);
        Assert.Contains("-A scram-sha-256 ", Script, StringComparison.Ordinal);
        Assert.Contains("-E UTF8 --locale=C", Script, StringComparison.Ordinal);
        Assert.Contains("POSTGRES_INITDB_ARGS: -A scram-sha-256 -E UTF8 --locale=C\n", postgres, StringComparison.Ordinal);

        var redis = ServiceOf("redis");
        var settings = RedisSettings().Match(Script).Groups["words"].Value.Split(' ').Select(static word => word == "\"\"" ? word : $"\"{word}\"");
        Assert.Contains($"- \"127.0.0.1:{Setting("redis_port")}:6379\"", redis, StringComparison.Ordinal);
        Assert.Contains($"command: [\"redis-server\", {string.Join(", ", settings)}]", redis, StringComparison.Ordinal);
    }

    [Fact]
    public void The_connection_strings_differ_in_host_and_port_alone()
    {
        var ours = Postgres().Match(Script).Groups["string"].Value
            .Replace("127.0.0.1", "postgres", StringComparison.Ordinal).Replace("$port", "5432", StringComparison.Ordinal);
        foreach (var name in (string[])["postgres_database", "postgres_user", "postgres_password"])
            ours = ours.Replace($"${name}", Setting(name), StringComparison.Ordinal);

        Assert.Contains($"  ConnectionStrings__Shop: {ours}\n", Compose, StringComparison.Ordinal);
        Assert.Contains("  ConnectionStrings__Redis: redis:6379\n", Compose, StringComparison.Ordinal);
        Assert.Contains("export ConnectionStrings__Shop=$SHOP_POSTGRES ConnectionStrings__Redis=$SHOP_REDIS", Script, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgres", "postgres-shop-api")]
    [InlineData("redis", "redis-shop-api")]
    [InlineData("app", "shop-api")]
    [InlineData("app-2", "shop-api-2")]
    [InlineData("worker", "shop-worker")]
    public void Each_container_has_a_name_for_docker_exec(string service, string container) =>
        Assert.Contains($"    container_name: {container}\n", ServiceOf(service), StringComparison.Ordinal);

    [Fact]
    public void The_nodes_of_the_script_and_of_compose_run_in_the_environment_Development()
    {
        Assert.Contains("export ASPNETCORE_ENVIRONMENT=Development\n", Script, StringComparison.Ordinal);
        Assert.Contains("  ASPNETCORE_ENVIRONMENT: Development\n", Compose, StringComparison.Ordinal);
    }

    [Fact]
    public void The_images_have_the_dotnet_of_the_repository()
    {
        var version = Sdk().Match(Read("global.json")).Groups["version"].Value;
        Assert.Equal(
            [$"FROM mcr.microsoft.com/dotnet/sdk:{version} AS build", $"FROM mcr.microsoft.com/dotnet/aspnet:{version}"],
            Dockerfile.Split('\n').Where(static line => line.StartsWith("FROM ", StringComparison.Ordinal)));
    }

    private static IEnumerable<(string Name, string Program)> Nodes() =>
        NodeList().Match(Script).Groups["list"].Value.Split(' ').Select(static node => (node.Split(':')[0], node.Split(':')[1]));

    private static string Setting(string name)
    {
        var found = Regex.Match(Script, $@"^readonly .*\b{name}=(?<value>\w+)", RegexOptions.Multiline, TimeSpan.FromSeconds(1));
        Assert.True(found.Success, $"shop.sh does not say {name}.");
        return found.Groups["value"].Value;
    }

    private static string ServiceOf(string name)
    {
        var block = Regex.Match(Compose, $@"^  {name}:\n(?:(?:    .*)?\n)+", RegexOptions.Multiline, TimeSpan.FromSeconds(1));
        Assert.True(block.Success, $"compose.yaml has no service {name}.");
        return block.Value;
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(Repository.Root, file));

    [GeneratedRegex(@"^  start (?<name>[a-z]+) ", RegexOptions.Multiline, 1000)]
    private static partial Regex Servers();

    [GeneratedRegex(@"^  (?<name>[a-z0-9-]+):$", RegexOptions.Multiline, 1000)]
    private static partial Regex Service();

    [GeneratedRegex(@"^readonly services=\((?<list>.*)\)$", RegexOptions.Multiline, 1000)]
    private static partial Regex NodeList();

    [GeneratedRegex(@"^readonly redis_settings=\((?<words>.*)\)$", RegexOptions.Multiline, 1000)]
    private static partial Regex RedisSettings();

    [GeneratedRegex("SHOP_POSTGRES=\"(?<string>Host=.*)\"", RegexOptions.None, 1000)]
    private static partial Regex Postgres();

    [GeneratedRegex("\"version\": \"(?<version>[0-9]+\\.[0-9]+)\\.", RegexOptions.None, 1000)]
    private static partial Regex Sdk();
}
