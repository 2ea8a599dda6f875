using Unstale.Redis.Resp;
using Xunit;

namespace Unstale.IntegrationTests.Redis;

/// <summary>Connection strings: what they mean, what is refused, and that no password shows.</summary>
public sealed class RespOptionsTests
{
    [Theory]
    [InlineData("localhost", "localhost", 6379)]
    [InlineData("localhost:7000", "localhost", 7000)]
    [InlineData("localhost,ssl=true", "localhost", 6380)]
    [InlineData("[::1]:7000", "::1", 7000)]
    [InlineData("redis://cache.example", "cache.example", 6379)]
    [InlineData("redis://[::1]", "::1", 6379)]
    [InlineData("rediss://10.0.0.1:7000/", "10.0.0.1", 7000)]
    public void The_server_is_read_from_both_forms(string text, string host, int port) =>
        Assert.Equal(new RespEndPoint(host, port), RespOptions.Parse(text).EndPoint);

    [Fact]
    public void A_uri_names_user_password_database_and_tls()
    {
        var options = RespOptions.Parse("rediss://a%40b:p%3Ass%2F%23@host:1/5");

        Assert.Equal(new RespCredentials("a@b", "p:ss/#"), options.Credentials);
        Assert.Equal(5, options.Database);
        Assert.True(options.Tls!.CheckHostName);
        Assert.Null(RespOptions.Parse("redis://:secret@host").Credentials!.User);
        Assert.Null(RespOptions.Parse("redis://host").Tls);
    }

    [Fact]
    public void A_list_names_all_settings()
    {
        var options = RespOptions.Parse(
            "host:1, User=u ,password=p=w,ssl=True,sslHost=other,defaultDatabase=3,name=shop,connectTimeout=1500,asyncTimeout=700,keepAlive=20,abortConnect=False,");

        Assert.Equal(new RespCredentials("u", "p=w"), options.Credentials);
        Assert.Equal("other", options.Tls!.HostName);
        Assert.Equal((3, "shop"), (options.Database, options.ClientName));
        Assert.Equal(TimeSpan.FromSeconds(1.5), options.ConnectTimeout);
        Assert.Equal(TimeSpan.FromSeconds(0.7), options.CommandTimeout);
        Assert.Equal(TimeSpan.FromSeconds(20), options.KeepAlive);
    }

    [Theory]
    [InlineData("host,password=a://b", "a://b")]
    [InlineData("host,password=p w\r\n", "p w")]
    [InlineData("redis://:%C3%A9%20%25%0a\u00E9\U0001F600+,;@host", "\u00E9 %\n\u00E9\U0001F600+,;")]
    public void A_password_is_taken_as_it_is_written(string text, string password) => Assert.Equal(password, RespOptions.Parse(text).Credentials!.Password);

    [Fact]
    public void The_defaults_are_what_they_say()
    {
        var options = RespOptions.Parse("host");

        Assert.Equal((0, "unstale", 8 << 20, 8192), (options.Database, options.ClientName, options.MaximumBytesInFlight, options.PushCapacity));
        Assert.Equal((5, 1, 10), (options.ConnectTimeout.TotalSeconds, options.CommandTimeout.TotalSeconds, options.KeepAlive.TotalSeconds));
        Assert.Equal((64 << 20, 32, 64 << 10), (options.Limits.ReplyBytes, options.Limits.Nesting, options.Limits.LineBytes));
        Assert.Null(options.Credentials);
    }

    [Theory]
    [InlineData("", "it names no host. Write host:port first.")]
    [InlineData("redis://", "it names no host. Write host:port first.")]
    [InlineData("http://host", "its scheme is neither 'redis' nor 'rediss'. Write redis://host:port/database, or rediss:// for TLS.")]
    [InlineData("ho st", "its host is no name of ASCII letters, digits, '-', '.' and '_', and no address. Write host:port first, and after it ',' or '/'.")]
    [InlineData("host:x", "its port is no number from 1 to 65535.")]
    [InlineData("host:65536", "its port is no number from 1 to 65535.")]
    [InlineData("redis://host:0", "its port is no number from 1 to 65535.")]
    [InlineData("redis://host/x", "its database is no number. Nothing may follow it in a URI.")]
    [InlineData("host,defaultDatabase=-1", "its database is no number. Nothing may follow it in a URI.")]
    [InlineData("redis://host/1?x=y", "its database is no number. Nothing may follow it in a URI.")]
    [InlineData("redis://host?x=y", "it has a query or fragment, and takes none. After the port comes /database at most.")]
    [InlineData("redis://user@host", "what stands before the '@' has no ':'. Write user:password@, or :password@ for the default user.")]
    [InlineData("a:1,b:2", "its part 2 is no known name=value. One server is named, first; then user, password, ssl, sslHost, defaultDatabase, name, connectTimeout, asyncTimeout, keepAlive and abortConnect. A ',' in a password needs the redis:// form, where it is %2C.")]
    [InlineData("host,colour=red", "its part 2 is no known name=value. One server is named, first; then user, password, ssl, sslHost, defaultDatabase, name, connectTimeout, asyncTimeout, keepAlive and abortConnect. A ',' in a password needs the redis:// form, where it is %2C.")]
    [InlineData("host,name=a,name=b", "'name' stands in it twice.")]
    [InlineData("host,name=a b", "its name is no client name: one or more visible characters of ASCII, and none of = ; & | , ? @ \" '.")]
    [InlineData("host,ssl=yes", "ssl is neither 'true' nor 'false'.")]
    [InlineData("host,connectTimeout=0", "connectTimeout is no number of milliseconds, from 1 to 86400000.")]
    [InlineData("host,keepAlive=x", "keepAlive is no number of seconds, from 1 to 86400000.")]
    [InlineData("host,abortConnect=x", "abortConnect is neither 'true' nor 'false'.")]
    [InlineData("host,ssl=true,sslHost=x:1", "its host holds a ':'. Write an IPv6 address in brackets, [::1]:6379, and a ':' or '@' of a password in a URI as %3A or %40.")]
    [InlineData("host,password=", "its password is empty. Write one, or leave it out.")]
    [InlineData("redis://user:@host", "its password is empty. Write one, or leave it out.")]
    [InlineData("host,password= x", "its password begins or ends with a space. Remove it, or write it as %20 in the redis:// form.")]
    [InlineData("host,user=a;b,password=x", "its user is empty, or holds a space or one of = ; & | , ? \" '. Settings stand apart by ','.")]
    [InlineData("redis://user:a%b@host", "a '%' of its user or password begins no character of UTF-8. Write a '%' itself as %25.")]
    [InlineData("redis://user:%ff@host", "a '%' of its user or password begins no character of UTF-8. Write a '%' itself as %25.")]
    [InlineData("host,password=a\tb", "it holds a control character or half of a surrogate pair. Check how it was copied; in a URI, a password writes these as %0A and so on.")]
    [InlineData("host,sslHost=x", "it names an sslHost without ssl=true.")]
    [InlineData("host,user=x", "it names a user without a password.")]
    [InlineData("fe80::1", "its host holds a ':'. Write an IPv6 address in brackets, [::1]:6379, and a ':' or '@' of a password in a URI as %3A or %40.")]
    public void A_bad_one_is_refused_in_a_sentence_that_names_the_part(string text, string sentence) =>
        Assert.Equal("The Redis connection string is refused: " + sentence, Assert.Throws<FormatException>(() => RespOptions.Parse(text)).Message);

    [Theory]
    [InlineData("redis://user:hush/hush@host")]
    [InlineData("redis://user:hush#hush@host:1")]
    [InlineData("redis://user:hush@hush:hush:1")]
    [InlineData("redis://user:hush?@host")]
    [InlineData("host,password=x,hush")]
    [InlineData("host,password=x,hush=hush")]
    [InlineData("host:x,password=hush")]
    [InlineData("redis://:hush@host:x")]
    [InlineData("host,password=hush,name=")]
    public void A_password_is_never_in_a_message(string text)
    {
        var refused = Assert.Throws<FormatException>(() => RespOptions.Parse(text));

        Assert.DoesNotContain("hush", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_and_credentials_print_without_the_password()
    {
        var options = RespOptions.Parse("redis://user:hush@host:1/2");

        Assert.Equal("host:1/2", options.ToString());
        Assert.Equal("user", options.Credentials!.ToString());
    }

    [Fact]
    public void Back_off_doubles_up_to_its_cap_and_leaves_half_to_chance()
    {
        var backoff = new RespBackoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5));

        Assert.Equal([25, 50, 100, 2500, 2500], ((int[])[1, 2, 3, 20, int.MaxValue]).Select(attempt => backoff.After(attempt, 0).TotalMilliseconds));
        Assert.Equal(5000, backoff.After(100, 1).TotalMilliseconds);
    }
}
