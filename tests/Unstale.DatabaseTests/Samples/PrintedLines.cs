using System.Text;

namespace Unstale.DatabaseTests.Samples;

/// <summary>Lines printed by a running program.</summary>
internal sealed class PrintedLines : TextWriter
{
    private readonly StringBuilder _text = new();

    public override Encoding Encoding => Encoding.UTF8;

    public string Text
    {
        get
        {
            lock (_text)
                return _text.ToString();
        }
    }

    public override void Write(char value)
    {
        lock (_text)
            _text.Append(value);
    }

    public override Task WriteLineAsync(string? value)
    {
        lock (_text)
            _text.Append(value).Append('\n');
        return Task.CompletedTask;
    }
}
