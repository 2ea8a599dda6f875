namespace Unstale.Redis.Resp;

/// <summary>Reads what an error reply means.</summary>
internal static class RespServerError
{
    public static RespServerException From(string? command, in RespReply error)
    {
        var text = error.Text();
        return Errors.ServerError(command, WithoutArguments(text), KindOf(text));
    }

    /// <summary>The kind by the code in front; servers before 7.0 put the code of a failure inside a script behind their own words.</summary>
    public static RespErrorKind KindOf(ReadOnlySpan<char> text)
    {
        if (!text.StartsWith("ERR ", StringComparison.Ordinal))
        {
            return KindOfCode(text);
        }

        if (text.Contains("ACL failure in script", StringComparison.Ordinal)
            || text.Contains("The user executing the script can't", StringComparison.Ordinal))
        {
            return RespErrorKind.NoPermission;
        }

        var inner = text.StartsWith("ERR Error running script", StringComparison.Ordinal) ? text.IndexOf(": -", StringComparison.Ordinal) : -1;
        return inner < 0 ? RespErrorKind.Other : KindOfCode(text[(inner + 3)..]);
    }

    private static RespErrorKind KindOfCode(ReadOnlySpan<char> text)
    {
        var space = text.IndexOf(' ');
        return (space < 0 ? text : text[..space]) switch
        {
            "WRONGPASS" => RespErrorKind.WrongPassword,
            "NOAUTH" => RespErrorKind.NotAuthenticated,
            "NOPERM" => RespErrorKind.NoPermission,
            "LOADING" => RespErrorKind.Loading,
            "READONLY" => RespErrorKind.ReadOnly,
            "OOM" => RespErrorKind.OutOfMemory,
            "BUSY" => RespErrorKind.Busy,
            "NOREPLICAS" => RespErrorKind.NoReplicas,
            "MOVED" or "ASK" or "CROSSSLOT" => RespErrorKind.Moved,
            "NOSCRIPT" => RespErrorKind.NoScript,
            "WRONGTYPE" => RespErrorKind.WrongType,
            "MISCONF" => RespErrorKind.CannotPersist,
            "CLUSTERDOWN" or "MASTERDOWN" or "TRYAGAIN" => RespErrorKind.Unavailable,
            _ => RespErrorKind.Other,
        };
    }

    /// <summary>An unknown command is quoted with its arguments, and those may be secret.</summary>
    private static string WithoutArguments(string text)
    {
        var arguments = text.IndexOf(", with args", StringComparison.Ordinal);
        return arguments < 0 ? text : text[..arguments];
    }
}
