using Xunit;

namespace Unstale.Tests.WriteThrough;

public sealed class SourceVersionTests
{
    [Fact]
    public void A_source_version_is_created_from_an_integer_or_a_row_version()
    {
        SourceVersion column = 7;
        Assert.Equal(7, column.Value);
        Assert.Equal(column, SourceVersion.FromInt64(7));
        Assert.Equal(column, SourceVersion.FromUInt64(7));
        Assert.Equal(new SourceVersion(0x0102030405060708), SourceVersion.FromRowVersion([1, 2, 3, 4, 5, 6, 7, 8]));
        Assert.Equal(0, default(SourceVersion).Value);
    }

    [Fact]
    public async Task An_invalid_source_version_is_refused()
    {
        const string Message = "The version of the source is 0; it must be from 1 to 9223372036854775807. 0 means no version. (Parameter 'version')";
        Assert.Equal(Message, Assert.Throws<ArgumentOutOfRangeException>(() => new SourceVersion(0)).Message);
        Assert.Contains(" is -1;", Assert.Throws<ArgumentOutOfRangeException>(() => { SourceVersion _ = -1; }).Message, StringComparison.Ordinal);
        Assert.Contains(" is 9223372036854775808;", Assert.Throws<ArgumentOutOfRangeException>(() => SourceVersion.FromUInt64(1UL << 63)).Message, StringComparison.Ordinal);
        Assert.Equal(
            "The rowversion has 3 bytes. Expected 8: pass the bytes of the column unchanged. (Parameter 'bytes')",
            Assert.Throws<ArgumentException>(() => SourceVersion.FromRowVersion([1, 2, 3])).Message);
        await using var test = new CacheUnderTest();
        var stop = TestContext.Current.CancellationToken;
        Assert.Equal(Message, (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await test.Cache.WriteThroughAsync("k", 1, default(SourceVersion), cancellationToken: stop))).Message);
        Assert.Equal(Message, (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await test.Cache.InvalidateUpToVersionAsync("k", default, stop))).Message);
    }
}
