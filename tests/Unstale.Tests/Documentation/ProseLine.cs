using System.Text.RegularExpressions;

namespace Unstale.Tests.Documentation;

/// <summary>The prose of one line, without markup and code.</summary>
internal sealed partial record ProseLine(string File, int Number, string Text)
{
    /// <summary>Comments of a source, XML tags left out.</summary>
    public static IEnumerable<ProseLine> OfComments(string file, string code) => CommentLines(Comment(), file, code);

    /// <summary>Comments of a script in Lua.</summary>
    public static IEnumerable<ProseLine> OfScript(string file, string code) => CommentLines(ScriptComment(), file, code);

    private static IEnumerable<ProseLine> CommentLines(Regex comments, string file, string code) =>
        from line in code.Split('\n').Index()
        let comment = comments.Match(line.Item)
        where comment.Success
        select new ProseLine(file, line.Index + 1, Tag().Replace(comment.Groups["text"].Value, " "));

    /// <summary>Text of a page; fenced blocks, inline code, targets of links and lines of HTML comments are left out.</summary>
    public static IEnumerable<ProseLine> OfPage(string file, string markdown)
    {
        var fenced = false;
        foreach (var (index, line) in markdown.Split('\n').Index())
        {
            var fence = Fence().IsMatch(line);
            fenced ^= fence;
            if (!fence && !fenced && !HtmlComment().IsMatch(line))
                yield return new(file, index + 1, LinkTarget().Replace(InlineCode().Replace(line, " "), "]"));
        }
    }

    /// <summary>Summaries and parameters that begin with a relative pronoun in place of a noun or a verb.</summary>
    public static IEnumerable<string> RelativeBeginnings(string file, string code) =>
        from Match tag in RelativeBeginning().Matches(code)
        select $"{file}:{code.AsSpan(0, tag.Index).Count('\n') + 1}: {tag.Groups["word"].Value}";

    [GeneratedRegex(@"(^|\s)///?\s?(?<text>.*)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"(^|\s)--\s?(?<text>.*)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ScriptComment();

    [GeneratedRegex("<[^>]+>", RegexOptions.None, 1000)]
    private static partial Regex Tag();

    [GeneratedRegex(@"///\s*<(summary|param[^>]*)>\s*(\n\s*///\s*)?(<[^>]+>\s*)?(?<word>what|who|whoever|whatever)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RelativeBeginning();

    [GeneratedRegex(@"^\s*(```|~~~)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^\s*<!--", RegexOptions.None, 1000)]
    private static partial Regex HtmlComment();

    [GeneratedRegex("`[^`]*`", RegexOptions.None, 1000)]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"\]\([^)]*\)", RegexOptions.None, 1000)]
    private static partial Regex LinkTarget();
}
