using CatalogueSample;
using Xunit;

namespace Unstale.DatabaseTests.Samples;

/// <summary>Output of samples/EntityFramework with SQLite.</summary>
public sealed class CatalogueTests
{
    [Fact]
    public async Task The_catalogue_prints_the_table_of_the_page()
    {
        await using var output = new PrintedLines();
        await Demo.RunAsync(output);
        Assert.Equal(CatalogueTranscript.OfTable(), output.Text);
    }
}
