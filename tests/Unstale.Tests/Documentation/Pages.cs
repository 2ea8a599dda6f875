using Unstale.Tests.Support;

namespace Unstale.Tests.Documentation;

/// <summary>Pages for readers: those of the repository, of its documentation and of its packages.</summary>
internal static class Pages
{
    public static IEnumerable<string> All =>
        new[] { "", "docs" }.SelectMany(static folder => Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.md"))
            .Concat(new[] { "src", "templates" }.SelectMany(static folder => Directory.GetDirectories(Path.Combine(Repository.Root, folder))).Select(static project => Path.Combine(project, "README.md")));
}
