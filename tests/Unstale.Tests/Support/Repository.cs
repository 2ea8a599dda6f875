namespace Unstale.Tests.Support;

/// <summary>The folder that holds the solution, above the tests' own output: some tests read sources and documents.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Unstale.slnx")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException($"No Unstale.slnx above {AppContext.BaseDirectory}.");
        return folder.FullName;
    }
}
