using System.Net.Sockets;
using System.Security.Authentication;
using StackExchange.Redis;

namespace Unstale.Redis.Connection;

/// <summary>Derives from exceptions of the client whether a call may have been executed, and the reason of the failure.</summary>
internal static class ServerErrors
{
    private const string Hidden = "...";

    public static CallException Meaning(string name, RedisSettings settings, Exception why)
    {
        var place = settings.Place;
        var inner = Redacted(why, settings);
        return why switch
        {
            CallException call => call,
            RedisServerException refused => Errors.ServerError(name, Text(refused.Message, settings), KindOf(refused.Message)),

            // Refused by the client: the command is disabled, or is one for administrators.
            RedisCommandException refused => Errors.ServerError(name, Text(refused.Message, settings), CallErrorKind.NoPermission),

            // A call that timed out while waiting to be written may still be written.
            TimeoutException => Errors.Timeout(name, place, sent: true, inner),
            RedisConnectionException { CommandStatus: CommandStatus.WaitingInBacklog or CommandStatus.WaitingToBeSent } => Errors.NotSent(name, place, inner),
            RedisConnectionException { FailureType: ConnectionFailureType.UnableToResolvePhysicalConnection } => Errors.NotSent(name, place, inner),
            ObjectDisposedException => Errors.NotSent(name, place, inner),
            _ => Errors.OutcomeUnknown(name, place, inner),
        };
    }

    /// <summary>Returns the reason for which there is no connection.</summary>
    public static CallException OfConnecting(RedisSettings settings, Exception why) => why switch
    {
        CallException call => call,
        _ when Reason(settings, why) is { } reason => reason,
        _ => Errors.NotConnected(settings.Place, Redacted(settings.Attempts.Failure ?? why, settings)),
    };

    private static CallException? Reason(RedisSettings settings, Exception why)
    {
        var (first, second) = (why, settings.Attempts.Failure);
        if ((Find<RedisServerException>(first) ?? Find<RedisServerException>(second)) is { } refused && KindOf(refused.Message) is var kind and not CallErrorKind.Other)
            return Errors.HandshakeRefused(settings.Place, settings.User, kind);

        if ((Find<SocketException>(first) ?? Find<SocketException>(second)) is { } socket)
            return Errors.CannotReach(settings.Place, socket);

        if ((Find<AuthenticationException>(first) ?? Find<AuthenticationException>(second)) is { } tls)
            return Errors.TlsFailed(settings.Place, tls);

        return (Find<RedisConnectionException>(second) ?? first) is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure }
            ? Errors.HandshakeRefused(settings.Place, settings.User, CallErrorKind.WrongPassword)
            : null;
    }

    /// <summary>Returns the kind by the leading code. Servers before 7.0 put their own text before the code of a failure inside a script.</summary>
    public static CallErrorKind KindOf(ReadOnlySpan<char> text)
    {
        if (!text.StartsWith("ERR ", StringComparison.Ordinal))
            return KindOfCode(text);

        if (text.Contains("ACL failure in script", StringComparison.Ordinal)
            || text.Contains("The user executing the script can't", StringComparison.Ordinal))
        {
            return CallErrorKind.NoPermission;
        }

        var inner = text.StartsWith("ERR Error running script", StringComparison.Ordinal) ? text.IndexOf(": -", StringComparison.Ordinal) : -1;
        return inner < 0 ? CallErrorKind.Other : KindOfCode(text[(inner + 3)..]);
    }

    private static CallErrorKind KindOfCode(ReadOnlySpan<char> text)
    {
        var space = text.IndexOf(' ');
        return (space < 0 ? text : text[..space]) switch
        {
            "WRONGPASS" => CallErrorKind.WrongPassword,
            "NOAUTH" => CallErrorKind.NotAuthenticated,
            "NOPERM" => CallErrorKind.NoPermission,
            "LOADING" => CallErrorKind.Loading,
            "READONLY" => CallErrorKind.ReadOnly,
            "OOM" => CallErrorKind.OutOfMemory,
            "BUSY" => CallErrorKind.Busy,
            "NOREPLICAS" => CallErrorKind.NoReplicas,
            "MOVED" or "ASK" or "CROSSSLOT" => CallErrorKind.Moved,
            "NOSCRIPT" => CallErrorKind.NoScript,
            "WRONGTYPE" => CallErrorKind.WrongType,
            "MISCONF" => CallErrorKind.CannotPersist,
            "CLUSTERDOWN" or "MASTERDOWN" or "TRYAGAIN" => CallErrorKind.Unavailable,
            _ => CallErrorKind.Other,
        };
    }

    /// <summary>Removes secrets. The server quotes the arguments of an unknown command, which may be secret.</summary>
    private static string Text(string text, RedisSettings settings)
    {
        var arguments = text.IndexOf(", with args", StringComparison.Ordinal);
        text = arguments < 0 ? text : text[..arguments];
        foreach (var secret in settings.Secrets)
            text = text.Replace(secret, Hidden, StringComparison.Ordinal);

        return text;
    }

    /// <summary>Returns the client's own exception, unless it contains a credential that a server or a callback has repeated.</summary>
    private static Exception Redacted(Exception why, RedisSettings settings)
    {
        var all = why.ToString();
        return settings.Secrets.Any(secret => all.Contains(secret, StringComparison.Ordinal)) || all.Contains(", with args", StringComparison.Ordinal)
            ? new IOException(why.GetType().Name)
            : why;
    }

    private static T? Find<T>(Exception? why)
        where T : Exception
    {
        for (; why is not null; why = why.InnerException)
        {
            if (why is T found)
                return found;
        }

        return null;
    }
}
