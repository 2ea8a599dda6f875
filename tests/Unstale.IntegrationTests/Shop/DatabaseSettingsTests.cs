using System.Data.Common;
using Npgsql;
using Xunit;
using global::Shop.Data;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Connection strings of databases: parts shown of spoilt ones, and settings read from good ones.</summary>
public sealed class DatabaseSettingsTests
{
    private const string Secret = "QZXVJZQVXJ";

    private static readonly string[] Good =
    [
        $"Host=127.0.0.1;Port=1;Database=shop;Username=app;Password={Secret};Application Name=shop",
        $"Server=127.0.0.1;User Id=app;Pwd={Secret}",
    ];

    private static readonly string[] OfOtherForms =
    [
        $"postgres://app:{Secret}@127.0.0.1/shop",
        $"postgres://app:{Secret}@127.0.0.1/shop?sslmode=require",
        $"Host=postgres://app:{Secret}@127.0.0.1/shop",
        $"Host=app:{Secret}@127.0.0.1",
        $"Host=127.0.0.1,Password={Secret}",
        $"Host=127.0.0.1 Password={Secret}",
        $"Host=127.0.0.1;Port={Secret}",
        $"Host=127.0.0.1;Port=1,Password={Secret}",
        $"Host=127.0.0.1;{Secret}",
        $"Host=127.0.0.1;{Secret}=1",
        $"Host=127.0.0.1;Pasword={Secret}",
        $"Host=127.0.0.1;Password={Secret};Password=x",
        $"Host=127.0.0.1;Password={Secret};Pwd=x",
        $"Host=127.0.0.1;Password=ab;{Secret}=1",
        $"Host=127.0.0.1;Password=ab;{Secret}",
        $"Host=127.0.0.1;Password='{Secret}",
        $"Host=127.0.0.1;Username=app:{Secret}",
        $"Host=127.0.0.1;Username=app Password={Secret}",
        $"Host=127.0.0.1;Application Name=shop,Password={Secret}",
        $"Host=127.0.0.1;Database=shop?password={Secret}",
        $"Host=127.0.0.1;SSL Mode={Secret}",
        $"Host=127.0.0.1;Pooling={Secret}",
        $"Host=127.0.0.1;Timeout={Secret};Password=x",
        $"Data Source=shop.db Password={Secret}",
        $"Data Source=shop.db,Password={Secret}",
        $"Data Source=shop.db;Mode={Secret}",
        $"Data Source=shop.db;Cache={Secret}",
        $"Data Source=shop.db;{Secret}=1",
        $"Data Source=shop.db;Data Source={Secret}@x",
        $"Data Source=file:shop.db?password={Secret}",
        $"{Secret}",
        $"127.0.0.1:1,password={Secret}",
    ];

    [Fact]
    public void A_damaged_database_connection_string_is_refused_without_a_quotation_or_keeps_its_whole_password()
    {
        var (faults, count) = (new List<string>(), 0);
        foreach (var text in OfOtherForms.Concat(Good.SelectMany(Spoilt)).Distinct(StringComparer.Ordinal))
        {
            count++;
            try
            {
                var settings = ConnectionSettings.Read(text);
                var password = settings is NpgsqlConnectionStringBuilder postgres ? postgres.Password : (string)settings["Password"];
                if (Letters(text) != Letters(password ?? ""))
                    faults.Add($"lost: {text}");
            }
            catch (ArgumentException refused)
            {
                if (Letters(refused.ToString().Replace("SQL", "", StringComparison.Ordinal)).Length > 2)
                    faults.Add($"shown: {text}: {refused.Message}");
            }
        }

        Assert.True(faults.Count == 0, $"{faults.Count}: " + string.Join(Environment.NewLine, faults));
        Assert.InRange(count, 200, 2000);
    }

    [Theory]
    [InlineData("Host=h;Password='a;b=\"c\"';Username=u@h", "a;b=\"c\"")]
    [InlineData("Host=h;Password=o'brien;Username=u;", "o'brien")]
    [InlineData("Host=h;Password=\"a\"\"b;\"", "a\"b;")]
    [InlineData("Host=h; PASSWORD = x ;Search Path=a,b;Options=-c x=y", "x")]
    public void A_valid_connection_string_gives_the_same_settings_as_the_database_driver(string text, string password)
    {
        var read = (NpgsqlConnectionStringBuilder)ConnectionSettings.Read(text);
        Assert.Equal(password, read.Password);
        Assert.True(read.EquivalentTo(new NpgsqlConnectionStringBuilder(text)));
    }

    [Fact]
    public void A_data_source_does_not_show_the_password_in_its_own_connection_string()
    {
        using var source = Databases.Open(Good[0]);
        Assert.DoesNotContain(Secret, source.ConnectionString, StringComparison.Ordinal);
        Assert.IsType<NpgsqlDataSource>(source, exactMatch: false);
    }

    private static IEnumerable<string> Spoilt(string good)
    {
        for (var at = 0; at < good.Length; at++)
        {
            if (good[at] is ';' or '=' or ' ')
            {
                foreach (var separator in (string[])[",", "&", "|", ":", "@", "/", "\n", "\uFF1D", "\uFF1B", "==", ";;", ""])
                    yield return string.Concat(good.AsSpan(0, at), separator, good.AsSpan(at + 1));
            }
        }

        var secret = good.IndexOf(Secret, StringComparison.Ordinal);
        foreach (var intruder in (string[])[";", "\"", "'", "=", "\0", "\uD800", "%", "@", ":", "/", ","])
        {
            foreach (var place in (int[])[0, secret, secret + 4, secret + Secret.Length, good.Length])
                yield return good.Insert(place, intruder);
        }
    }

    private static string Letters(string text) => new([.. text.Where(static letter => Secret.Contains(letter, StringComparison.Ordinal))]);
}
