using System.Text;
using Unstale.Log;
using Unstale.PostgreSql.Log;
using Xunit;

namespace Unstale.Tests.PostgreSql;

public sealed class RecordFormatTests
{
    private static readonly RecordOrigin Origin = new("node", "shop");

    [Fact]
    public void The_bytes_of_a_record_are_those_that_older_nodes_read()
    {
        InvalidationTarget[] targets =
        [
            InvalidationTarget.ForKey("k\"ü"), InvalidationTarget.ForTag("t"), InvalidationTarget.ForPattern(new GlobPattern("user:*")), InvalidationTarget.ForPattern(new RegexPattern("a+")),
            InvalidationTarget.ForAllOf(["y", "x"]), InvalidationTarget.Everything,
        ];
        var record = new InvalidationRecord(7, targets, Origin, DateTimeOffset.FromUnixTimeMilliseconds(1234), "why", "00-trace") { Flags = RecordFlags.Lazy | RecordFlags.DirectDependents, Via = "6|r|" };
        Assert.Equal(
            """{"at":1234,"by":"node","of":"shop","why":"why","trace":"00-trace","how":5,"via":"6|r|","targets":[{"key":"k\"ü"},{"tag":"t"},{"glob":"user:*"},{"regex":"a+"},{"allof":["x","y"]},{"everything":true}]}""",
            Encoding.UTF8.GetString(RecordFormat.Write(record)));
    }

    [Fact]
    public void A_record_with_a_version_is_read_as_it_was_written()
    {
        var record = new InvalidationRecord(7, InvalidationTarget.ForKey("k"), Origin, DateTimeOffset.UnixEpoch) { Version = new KeyVersion("cache", 5) };
        var bytes = RecordFormat.Write(record);
        Assert.Equal("""{"at":0,"by":"node","of":"shop","ver":{"cache":"cache","version":5},"targets":[{"key":"k"}]}""", Encoding.UTF8.GetString(bytes));
        var read = RecordFormat.Read(7, bytes, out var isWhole);
        Assert.True(isWhole);
        Assert.Equal((7, record.Version, "k"), (read.Id, read.Version, read.Targets[0].Text));
    }

    [Fact]
    public void A_changed_row_is_read_as_it_was_written()
    {
        const string Change = "product update old{id=4;price=20} new{price=30} changed{price}";
        var bytes = RecordFormat.Write(new InvalidationRecord(7, InvalidationTarget.ForRecordedRow(Change), Origin, DateTimeOffset.UnixEpoch));
        Assert.Equal($$"""{"at":0,"by":"node","of":"shop","targets":[{"row":"{{Change}}"}]}""", Encoding.UTF8.GetString(bytes));
        var read = RecordFormat.Read(7, bytes, out var isWhole);
        Assert.True(isWhole);
        Assert.Equal((TargetKind.Row, Change), (read.Targets[0].Kind, read.Targets[0].Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"at":0,"by":"n","of":"s","targets":[]}""")]
    [InlineData("""{"at":0,"by":"n","of":"s","targets":[{"key":"k"}],"later":1}""")]
    [InlineData("""{"at":0,"by":"n","of":"s","targets":[{"row":"k"}]}""")]
    [InlineData("""{"at":0,"by":"n","of":"s","targets":[{"key":null}]}""")]
    [InlineData("""{"at":0,"by":"n","of":"s","targets":[{"key":"k","also":1}]}""")]
    [InlineData("""{"at":0,"by":"n","of":"s","targets":[{"regex":"("}]}""")]
    [InlineData("""{"at":0,"by":"n","of":"s","targets":[{"everything":false}]}""")]
    [InlineData("""{"at":0,"by":"n","of":"s","how":8,"targets":[{"key":"k"}]}""")]
    [InlineData("""{"at":0,"by":"n","of":"s","ver":{"cache":"c","version":0},"targets":[{"key":"k"}]}""")]
    [InlineData("""{"at":99999999999999999,"by":"n","of":"s","targets":[{"key":"k"}]}""")]
    [InlineData("""{"at":0,"by":"n","of":"s","targets":[{"key":"k"}]""")]
    public void A_record_that_cannot_be_read_completely_invalidates_everything_under_its_id(string text)
    {
        var read = RecordFormat.Read(7, Encoding.UTF8.GetBytes(text), out var isWhole);
        Assert.False(isWhole);
        Assert.Equal((7, TargetKind.Everything), (read.Id, read.Targets[0].Kind));
    }

    [Fact]
    public void A_record_beyond_the_limits_invalidates_everything()
    {
        var many = "{\"at\":0,\"by\":\"n\",\"of\":\"s\",\"targets\":[" + string.Join(',', Enumerable.Repeat("{\"key\":\"k\"}", 1001)) + "]}";
        RecordFormat.Read(7, Encoding.UTF8.GetBytes(many), out var isWhole);
        Assert.False(isWhole);
        var large = RecordFormat.Write(new InvalidationRecord(7, InvalidationTarget.ForKey(new string('k', 256 << 10)), Origin, DateTimeOffset.UnixEpoch));
        RecordFormat.Read(7, large, out isWhole);
        Assert.False(isWhole);
    }

    [Fact]
    public void A_generation_has_the_same_digits_in_the_database()
    {
        var generation = Generation.Create(after: 41);
        Assert.Equal(generation.ToString(), GenerationFormat.ToGuid(generation).ToString("n"));
        Assert.Equal(generation, GenerationFormat.FromGuid(GenerationFormat.ToGuid(generation)));
    }
}
