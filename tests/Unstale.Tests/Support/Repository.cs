namespace Unstale.Tests.Support;

/// <summary>Folder of the solution, above the output of the tests. Some tests read sources and documents.</summary>
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
